import type { Result } from "../../check/check.ts";
import { allChecks, type RegisteredCheck } from "../../check/checks/all.ts";
import { exitCodeOf } from "../../check/reports/summary.ts";
import { lastLines } from "../../check/reports/words.ts";
import { type Progress, runChecks } from "../../check/runner.ts";
import { PATIENCE_MS } from "../../sender/main-app.ts";
import { reportMistake } from "../http-error.ts";
import type { App } from "../store/records.ts";
import { calledUrl, urlRefusal } from "../webhook-url.ts";
import { pageWords } from "./check-words.ts";
import { PageError } from "./page-error.ts";
import type { CheckView, PageEvent } from "./protocol.ts";

const plain = (_: string, text: string) => text;
/** What a warning means here, where the chat may have shown the opposite. */
const HERE: Record<string, string> = {
  E12: "The checks have threads of their own, which this playground does not know: for them, nothing can be stored here. If the chat says that a reply was stored, all is well.",
};
/** Where a webhook streams, if its other URL is the one before. */
const STREAM_PATH = /\/stream\/?$/;

/** All checks of `npx replyhook check`, one run at a time. */
export class ChecksRun {
  readonly #tell: (event: PageEvent) => void;
  #running: AbortController | undefined;

  constructor(tell: (event: PageEvent) => void) {
    this.#tell = tell;
  }

  /** Begins a run. Its results come as events. Throws a {@link PageError}. */
  start(app: App): void {
    if (this.#running) throw new PageError(409, "The checks are running already.");
    const checked = { ...urlsOf(app), secret: app.secret || undefined, timeoutMs: PATIENCE_MS };
    const running = new AbortController();
    this.#running = running;
    this.#run(checked, running.signal)
      .catch((error) => {
        reportMistake(error);
        this.#tell({ type: "checked", passed: false, summary: "The checks broke off: see the playground's terminal." });
      })
      .finally(() => (this.#running = undefined));
  }

  /** The results so far stay. */
  stop(): void {
    this.#running?.abort();
  }

  async #run(checked: Parameters<typeof runChecks>[1], signal: AbortSignal): Promise<void> {
    const onProgress: Progress = ({ index, count, check, result }) => {
      if (result) this.#tell({ type: "check", index, count, check: checkView(check, result) });
    };
    const report = await runChecks(allChecks, checked, onProgress, { signal });
    if ("results" in report)
      this.#tell({ type: "checked", passed: exitCodeOf(report) === 0, summary: pageWords(lastLines(report, plain).join(" ")) });
    else this.#tell({ type: "checked", passed: false, summary: [report.message, ...report.hints].map(pageWords).join(" ") });
  }
}

function checkView({ id, group, name }: RegisteredCheck, { outcome, reason, problem }: Result): CheckView {
  const here = outcome === "warn" ? HERE[id] : undefined;
  const why = here ?? (reason && pageWords(reason));
  return {
    ...{ id, group, name, outcome: outcome === "known" ? "fail" : outcome },
    ...(problem && { fix: pageWords(problem.fix), came: pageWords(problem.came) }),
    ...(why && { reason: why }),
  };
}

/** A webhook that streams at …/stream answers JSON at the path before it. Others are checked at the App's URL alone. */
function urlsOf({ webhookUrl }: App): { url: URL; stream?: URL } {
  const refusal = urlRefusal(webhookUrl ?? "");
  const url = refusal ? undefined : calledUrl(webhookUrl ?? "");
  if (!url) throw new PageError(400, refusal ?? "The webhook's URL cannot be read.");
  if (!STREAM_PATH.test(url.pathname)) return { url };
  const stream = new URL(url);
  url.pathname = url.pathname.replace(STREAM_PATH, "");
  return { url, stream };
}
