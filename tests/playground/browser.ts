import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { startNodeServer } from "../check/server.ts";
import { SECRET } from "./main-app.ts";
import { startPage } from "./page-client.ts";

const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const UNPACKED = fileURLToPath(new URL("../../node_modules/.chromium", import.meta.url));

/** A browser that is installed, or else the one that comes as an npm package. */
export async function startBrowser() {
  const executablePath = INSTALLED.find(existsSync) ?? (await packedBrowser());
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/**
 * Unpacked once, for all test files: they start at the same time, and none may run a file that another one still writes.
 * Without the package's own arguments: they put everything into one process, which ends with its first page.
 */
async function packedBrowser(): Promise<string> {
  const file = join(UNPACKED, "chromium");
  if (existsSync(file)) return file;
  const { default: packed } = await import("@sparticuz/chromium");
  const folder = mkdtempSync(`${UNPACKED}-`);
  const before = process.env.TMPDIR ?? tmpdir();
  process.env.TMPDIR = folder;
  await packed.executablePath();
  process.env.TMPDIR = before;
  try {
    renameSync(folder, UNPACKED);
  } catch {
    // Another test file was quicker.
    rmSync(folder, { recursive: true });
  }
  return file;
}

export type Browser = Awaited<ReturnType<typeof startBrowser>>;

/** A playground, and the project's Node server as its webhook: signed, and with its replies stored. */
export async function startBoth() {
  const playground = await startPage();
  const webhook = await startNodeServer({ WEBHOOK_SECRET: SECRET, BACKEND_URL: playground.base });
  const app = playground.store.createApp({
    ...{ name: "My webhook", mode: "webhook", webhookUrl: webhook.stream.href, secret: SECRET, timeoutMs: 8000 },
  });
  return {
    ...{ playground, webhook, app },
    async [Symbol.asyncDispose]() {
      await webhook[Symbol.asyncDispose]();
      playground[Symbol.dispose]();
    },
  };
}

/** Opens the page, and writes down what no page may do: errors in the console, and requests to another host. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const mistakes: string[] = [];
  page.on("console", (message) => message.type() === "error" && mistakes.push(message.text()));
  page.on("pageerror", (error) => mistakes.push(String(error.stack)));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) mistakes.push(`It called ${request.url()}`);
  });
  await page.goto(url);
  await page.locator(".page").waitFor();
  return Object.assign(page, { mistakes, [Symbol.asyncDispose]: () => context.close() });
}

/** Writes a message, and sends it. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

/** Does that, and waits for the end of its run. */
export async function say(page: Page, text: string): Promise<void> {
  const ended = page.locator(".outcome:not(.running)");
  const before = await ended.count();
  await write(page, text);
  await ended.nth(before).waitFor();
}
