import { expect, test } from "vitest";
import { startNodeServer, startServer } from "../check/server.ts";
import { startModel } from "../support/model-stand-in.ts";
import { openPage, write } from "./browser.ts";
import { HOOK, SECRET } from "./main-app.ts";
import { browser } from "./open-page.ts";
import { startPage } from "./page-client.ts";

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
  await write(page, text);
  await page.getByRole("button", { name: "The webhook streamed the reply and stored it" }).waitFor();
  const grown = await page.evaluate(() => [...(globalThis as unknown as { seen: Set<string> }).seen]);
  await page.getByRole("log").getByText(reply).waitFor();
  await page.reload();
  await page.getByRole("log").getByText(reply).waitFor();
  expect(await page.getByRole("log").getByText(reply).count()).toBe(1);
  expect(page.mistakes).toEqual([]);
  return grown;
}

test("the Python example streams, stores, and is there after a reload", { timeout: 60_000 }, async () => {
  using playground = await startPage();
  const settings = { WEBHOOK_SECRET: SECRET, BACKEND_URL: playground.base, PYTHONDONTWRITEBYTECODE: "1" };
  await using webhook = await startServer("python3", "examples/webhook-python/server.py", settings);
  playground.store.createApp({ ...HOOK, webhookUrl: webhook.stream.href });
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
  await using webhook = await startNodeServer({ WEBHOOK_SECRET: SECRET, ...settings });
  playground.store.createApp({ ...HOOK, webhookUrl: webhook.stream.href });
  const grown = await chat(playground.base, "model: un café 😀", /^Un café à vous 😀\.$/);
  expect(grown.length).toBeGreaterThan(2);
  expect(model.requests.at(-1)?.body.messages.at(-1)).toEqual({ role: "user", content: "model: un café 😀" });
  model.stop();
});
