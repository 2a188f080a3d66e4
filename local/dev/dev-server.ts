import { pasteLines, startupLines } from "../../shared/pages/startup-lines.ts";
import { askAbout, isAboutRequest } from "./about.ts";
import { Child, type Command } from "./child.ts";
import type { DevTarget } from "./targets.ts";
import { Edits } from "./watch.ts";

/** The tool is killed if it has not ended this many milliseconds after a Ctrl-C. */
const GRACE_MS = 5000;
/** The same for a restart. It is longer than a server needs to store the replies that are in progress. */
const RESTART_GRACE_MS = 15_000;

/** An edit that ended the tool is noticed within this many milliseconds. */
const EDIT_NOTICED_MS = 1000;

/**
 * Runs a platform's tool until it is stopped. If an edit ended the tool, or the tool does not reload, it is started again. With a
 * playground, which is of no use alone, a tool that ends for another reason ends the run.
 */
export class DevServer {
  readonly #target: DevTarget;
  readonly #command: Command;
  readonly #port: number;
  readonly #playgroundUrl: string | undefined;
  readonly #stopped = Promise.withResolvers<void>();
  #isStopping = false;
  #child: Child | undefined;

  constructor(target: DevTarget, command: Command, port: number, playgroundUrl?: string) {
    this.#target = target;
    this.#command = command;
    this.#port = port;
    this.#playgroundUrl = playgroundUrl;
  }

  /** Resolves with the exit code: 0 if it was stopped, and 1 if it did not start at the first attempt, or ended by itself. */
  async run(): Promise<number> {
    const { title, reloads } = this.#target;
    const edits = new Edits(".");
    for (let isFirst = true; ; isFirst = false) {
      const editsBefore = edits.count;
      const child = new Child(this.#command);
      this.#child = child;
      const isUp = await this.#start(child, isFirst);
      if (isFirst && !isUp && !this.#isStopping) {
        console.error(`The ${title} did not start.`);
        return 1;
      }

      await (reloads ? child.exited : Promise.race([child.exited, edits.after(editsBefore)]));
      if (isUp && this.#playgroundUrl && !(await this.#isExplained(edits, editsBefore))) {
        console.error(`The ${title} ended by itself, so the playground ends too.`);
        return 1;
      }
      // After any edit since the start, even one that the tool has built: a later one can have come while the tool was ending.
      if (edits.count === editsBefore && !this.#isStopping)
        console.error(`The ${title} ended. It starts again at your next edit.`);
      await Promise.race([edits.after(editsBefore), this.#stopped.promise]);
      if (this.#isStopping) {
        await child.exited;
        return 0;
      }
      console.log(`Restarting: ${edits.last} has changed.`);
      await child.stop("SIGTERM", RESTART_GRACE_MS);
    }
  }

  /** Ends the tool, and whatever it started. */
  stop(): void {
    this.#isStopping = true;
    this.#stopped.resolve();
    void this.#child?.stop("SIGINT", GRACE_MS);
  }

  /** Ends them at once. */
  kill(): void {
    this.#child?.signal("SIGKILL");
  }

  /** Whether the tool has ended because of an edit or of a stop. */
  async #isExplained(edits: Edits, editsBefore: number): Promise<boolean> {
    const tooLate = new Promise((resolve) => setTimeout(resolve, EDIT_NOTICED_MS));
    await Promise.race([edits.after(editsBefore), this.#stopped.promise, tooLate]);
    return this.#isStopping || edits.count > editsBefore;
  }

  /** Whether the webhook answers. If not, says why, and ends the tool. */
  async #start(child: Child, isFirst: boolean): Promise<boolean> {
    const why = (await child.started) === "ready" ? await this.#welcome(child, isFirst) : "";
    if (why === undefined) return true;
    if (this.#isStopping) return false;
    await child.stop("SIGINT", GRACE_MS);
    for (const line of why ? [why] : failureLines(child)) if (this.#command.shows(line)) console.error(line);
    return false;
  }

  /** Prints the start-up lines. Returns a sentence if the webhook does not answer. */
  async #welcome(child: Child, isFirst: boolean): Promise<string | undefined> {
    const { printsStart, publicUrl } = this.#target;
    if (printsStart) {
      if (isFirst) for (const line of child.early) console.log(line);
      return undefined;
    }
    const isHttps = child.early.some((line) => /https:\/\/(?:localhost|127\.0\.0\.1):/.test(line));
    const origin = `${isHttps ? "https" : "http"}://localhost:${this.#port}`;
    child.hideOnce(isAboutRequest);
    try {
      const about = await askAbout(origin);
      if (isFirst) for (const line of startupLines(origin, about)) console.log(line);
    } catch (error) {
      return `${origin} does not answer: ${(error as Error).message}.`;
    }
    const [, url] = child.early.map((line) => publicUrl?.exec(line)).find((found) => found) ?? [];
    if (url) for (const line of publicLines(url)) console.log(line);
    if (isFirst && this.#playgroundUrl) console.log(firstStep(this.#playgroundUrl));
    return undefined;
  }
}

/** The one thing to do when both have started. */
export function firstStep(playgroundUrl: string): string {
  return `Open ${playgroundUrl} to chat with it`;
}

/** What the tool said of its failure, without what it said before. */
function failureLines({ early }: Child): readonly string[] {
  const first = early.findIndex((line) => line.includes("[ERROR]"));
  return early.slice(Math.max(0, first)).filter((line) => line.trim() !== "");
}

function publicLines(url: string): string[] {
  const lines = ["  or, where this computer's localhost is out of reach,", ...pasteLines(url)];
  if (!url.endsWith(".trycloudflare.com")) return lines;
  return [
    ...lines,
    "  note      Quick tunnels carry no server-sent events, so this URL serves /run, and the chat stays silent.",
    "            For the chat, name a tunnel of your Cloudflare account: --tunnel --tunnel-name NAME",
  ];
}
