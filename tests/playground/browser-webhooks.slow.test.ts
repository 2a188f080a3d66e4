import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { startModel } from "../support/model-stand-in.ts";
import { type Browser, openPage, startBrowser } from "./browser.ts";
import { SECRET } from "./main-app.ts";
import { startPage } from "./page-client.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

/** A webhook in a process of its own, on a free port, that stores its replies in the playground. */
async function startWebhook(command: string, args: readonly string[], settings: Record<string, string>) {
  const port = await freePort();
  const env = { ...machineEnvironment(), WEBHOOK_SECRET: SECRET, PORT: String(port), ...settings };
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  await once(createInterface({ input: child.stdout }), "line");
  child.stdout.resume();
  return {
    url: `http://localhost:${port}/stream`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Sends `text`, and returns each text that the reply had while it grew. It is stored, and there after a reload. */
async function chat(base: string, text: string, reply: RegExp): Promise<string[]> {
  await using page = await openPage(browser, base);
  await page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(globalThis, { seen });
    const look = () => {
      const text = document.querySelector(".live p")?.textContent;
      if (text) seen.add(text);
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "The webhook streamed the reply and stored it" }).waitFor();
  const grown = await page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]);
  await page.getByRole("log").getByText(reply).waitFor();
  await page.reload();
  await page.getByRole("log").getByText(reply).waitFor();
  expect(await page.getByRole("log").getByText(reply).count()).toBe(1);
  expect(page.mistakes).toEqual([]);
  return grown;
}

function addApp({ store }: Awaited<ReturnType<typeof startPage>>, webhookUrl: string): void {
  store.createApp({ name: "Mine", mode: "webhook", webhookUrl, secret: SECRET, timeoutMs: 8000 });
}

test("the Python example streams, stores, and is there after a reload", { timeout: 60_000 }, async () => {
  using playground = await startPage();
  const settings = { BACKEND_URL: playground.base, PYTHONDONTWRITEBYTECODE: "1" };
  await using webhook = await startWebhook("python3", ["examples/webhook-python/server.py"], settings);
  addApp(playground, webhook.url);
  expect(await chat(playground.base, "café 😀", /^Echo: café 😀$/)).toContain("Echo: café 😀");
});

test("a model's reply grows word by word, is stored, and is there after a reload", { timeout: 60_000 }, async () => {
  using playground = await startPage();
  const words = ["Un ", "café ", "à ", "vous ", "😀."];
  const model = await startModel(() => ({
    pieces: [
      ...words.map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`),
      "data: [DONE]\n\n",
    ],
    pauseMs: 200,
  }));
  const settings = { BACKEND_URL: playground.base, LLM_BASE_URL: model.url, LLM_API_KEY: "k", LLM_MODEL: "m" };
  await using webhook = await startWebhook(process.execPath, ["tests/entries/server.ts"], settings);
  addApp(playground, webhook.url);
  const grown = await chat(playground.base, "model: un café 😀", /^Un café à vous 😀\.$/);
  expect(grown.length).toBeGreaterThan(2);
  expect(model.requests.at(-1)?.body.messages.at(-1)).toEqual({ role: "user", content: "model: un café 😀" });
  model.stop();
});
