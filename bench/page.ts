import { once } from "node:events";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { pageAssets } from "../local/playground/page/assets.ts";
import { type Browser, openPage, startBrowser } from "../tests/playground/browser.ts";
import { delta, done, startPage, startWebhook } from "../tests/playground/page-client.ts";
import { quantile } from "./compare.ts";

/** One figure of the playground's page. `most` is its limit on a computer with two cores that does nothing else. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "kB";
  readonly most?: number;
}

const MESSAGES = 5000;
const PIECES = 10_000;
const WORDS = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor. ";
const median = (values: readonly number[]) => quantile(values, 0.5);

export function figureAsText({ name, value, unit, most }: Figure): string {
  const verdict = most === undefined ? "" : `  ≤ ${most}: ${value <= most ? "held" : "missed"}`;
  return `${name.padEnd(58)}${value.toFixed(unit === "kB" ? 1 : 0).padStart(8)} ${unit}${verdict}`;
}

/** Measures the playground's page in Chromium. `browsers` are started one after the other, each for `pages` new pages. */
export async function* pageFigures({ browsers, pages }: { browsers: number; pages: number }): AsyncGenerator<Figure> {
  yield { name: "page.js, gzipped", value: gzipSync((await pageAssets()).js).length / 1000, unit: "kB", most: 40 };
  const first: number[] = [];
  const others: number[] = [];
  for (let round = 0; round < browsers; round++) {
    const browser = await startBrowser();
    first.push(await untilMessageBox(browser));
    for (let page = 0; page < pages; page++) others.push(await untilMessageBox(browser));
    await browser.close();
  }
  yield { name: "navigation to message box, first page of a browser", value: median(first), unit: "ms" };
  yield { name: "navigation to message box, its other pages", value: median(others), unit: "ms", most: 300 };
  const browser = await startBrowser();
  try {
    yield* longThread(browser);
    yield* streams(browser);
  } finally {
    await browser.close();
  }
}

/** Of a new page, without a cache. The clock of the page begins with the navigation. */
async function untilMessageBox(browser: Browser): Promise<number> {
  using playground = await startPage();
  addApp(playground, null);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.getElementById("message")) return;
      observer.disconnect();
      Object.assign(globalThis, { usable: performance.now() });
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  await page.goto(playground.base);
  await page.locator("#message").waitFor();
  const usable = await page.evaluate(() => (globalThis as unknown as { usable: number }).usable);
  await context.close();
  return usable;
}

type Playground = Awaited<ReturnType<typeof startPage>>;

function addApp({ store }: Playground, webhookUrl: string | null) {
  return store.createApp({ name: "Bench", mode: "webhook", webhookUrl, secret: null, timeoutMs: 8000 });
}

async function* longThread(browser: Browser): AsyncGenerator<Figure> {
  using playground = await startPage();
  const { store } = playground;
  const { thread } = store.createThread(addApp(playground, null).id);
  for (let i = 2; i <= MESSAGES; i++)
    store.addMessage(thread.id, { role: i % 2 ? "assistant" : "user", content: `Message ${i} ${WORDS.repeat(i % 7)}` });
  await using page = await openPage(browser, playground.base);
  const reload = async () => {
    await page.reload();
    await page.getByText(`Message ${MESSAGES} `).last().waitFor();
  };
  const scroll = () =>
    page.evaluate(async (messages) => {
      const box = document.querySelector("[role=log]") as HTMLElement;
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      while (document.querySelectorAll(".message").length < messages) {
        box.scrollTop = 0;
        await frame();
      }
      while (box.scrollTop + box.clientHeight < box.scrollHeight - 2) {
        box.scrollTop += 3000;
        await frame();
      }
    }, MESSAGES);
  yield* longestTask(page, `a thread of ${MESSAGES} messages, opened`, reload);
  yield* longestTask(page, "scrolled to its start and back", scroll);
}

async function* streams(browser: Browser): AsyncGenerator<Figure> {
  using playground = await startPage();
  let isEndless = false;
  using webhook = await startWebhook(async (_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" }).setMaxListeners(0);
    for (let piece = 0; !response.destroyed && (isEndless || piece < PIECES); piece++)
      if (!response.write(delta(`piece ${piece} `))) await Promise.race([once(response, "drain"), once(response, "close")]);
    response.end(done({}));
  });
  addApp(playground, webhook.url);
  await using page = await openPage(browser, playground.base);
  const send = async () => {
    const ended = page.locator(".outcome:not(.running)");
    const before = await ended.count();
    await page.getByRole("textbox", { name: "Message" }).fill("Hello");
    await page.keyboard.press("Enter");
    await ended.nth(before).waitFor({ timeout: 120_000 });
  };
  yield* longestTask(page, `a stream of ${PIECES} pieces`, send);
  isEndless = true;
  yield* longestTask(page, "a stream without an end", send);
}

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the wall, and of the processor. */
  readonly dur: number;
  readonly tdur: number;
  readonly args: { readonly name?: string };
}

/**
 * The longest task of the page's main thread during `work`. Its time on the processor has the limit: while other programs take the
 * processor, its time on the wall says how long they had it.
 */
async function* longestTask(page: Page, name: string, work: () => Promise<unknown>): AsyncGenerator<Figure> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const includedCategories = ["toplevel", "disabled-by-default-devtools.timeline"];
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories } });
  await work();
  const complete = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const placeOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const mains = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(placeOf);
  const tasks = events.filter((event) => event.ph === "X" && event.name === "RunTask" && mains.includes(placeOf(event)));
  if (tasks.length === 0) throw new Error("The trace has no task of the page.");
  const longest = (time: "dur" | "tdur") => Math.max(...tasks.map((task) => task[time])) / 1000;
  yield { name: `${name}: longest task`, value: longest("tdur"), unit: "ms", most: 100 };
  yield { name: `${name}: the same, by the clock`, value: longest("dur"), unit: "ms" };
}
