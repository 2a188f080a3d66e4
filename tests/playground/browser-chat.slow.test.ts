import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openPage, say, startBoth, write } from "./browser.ts";
import { SECRET } from "./main-app.ts";
import { browser, DONE, OUTCOME, openWithNode, openWithRaw, save, settings, violations, withRawWebhook } from "./open-page.ts";
import { delta, startPage } from "./page-client.ts";
import { answer, chunks } from "./raw-webhook.ts";

describe("first visit", () => {
  test("says what to do without an App, and the form adds one that can be talked to", async () => {
    await using both = await startBoth();
    using empty = await startPage();
    await using page = await openPage(browser, empty.base);
    await page.getByRole("heading", { name: "Connect your webhook" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("main").getByRole("button", { name: "Add an App" }).click();
    const form = page.getByRole("dialog");
    await form.getByLabel("Name").fill("Mine");
    await form.getByLabel("Webhook URL").fill(both.webhook.stream.href);
    await form.getByLabel("Webhook secret").fill(SECRET);
    await save(form);
    await page.getByText("Say something to your webhook").waitFor();
    await page.getByRole("button", { name: "café 😀" }).click();
    await page.getByText("Echo: café 😀").first().waitFor();
    expect(empty.store.apps()).toMatchObject([{ name: "Mine", secret: SECRET }]);
    expect(page.mistakes).toEqual([]);
  });
});

describe("the chat", () => {
  test("a stream grows in place, and the stored message takes its place without a jump", async () => {
    await using page = await openWithNode();
    await page.evaluate(() => {
      const tops = new Set<number>();
      Object.assign(globalThis, { tops });
      const look = () => {
        const reply = [...document.querySelectorAll(".message.assistant")].at(-1);
        if (reply?.textContent?.includes("Echo")) tops.add(reply.getBoundingClientRect().top);
        requestAnimationFrame(look);
      };
      look();
    });
    await say(page, "Hello");
    await page.getByText("Echo: Hello").first().waitFor();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    expect(await page.evaluate(() => (globalThis as unknown as { tops: Set<number> }).tops.size)).toBe(1);
  });

  test("text that the main app forgets stays in sight, with the reason and what its chat shows", async () => {
    await using page = await openWithRaw(chunks([delta("for a moment"), DONE]));
    await say(page, "Hello");
    await page.getByText("for a moment", { exact: true }).waitFor();
    await page.getByRole("button", { name: /nothing was stored.*In the main app’s chat/s }).waitFor();
  });

  test("text of a webhook is text", async () => {
    await using page = await openWithRaw(chunks([delta('<img src="http://example.com/x"><script>alert(1)</script>'), DONE]));
    await say(page, "Hello");
    await page.getByText('<img src="http://example.com/x">').first().waitFor();
    await page.getByRole("tab", { name: "Response" }).click();
    expect(await page.locator("img").count()).toBe(0);
    expect(page.mistakes).toEqual([]);
  });

  test("who has scrolled up is left there, and can go to the newest message", async () => {
    await using page = await openWithRaw(chunks([delta("first\n".repeat(100)), 300, delta("last word"), DONE]));
    await say(page, "one");
    await write(page, "two");
    await page.locator(".live").getByText("first").waitFor();
    const log = page.getByRole("log");
    await log.evaluate((box) => {
      box.scrollTop = 200;
    });
    await page.getByRole("button", { name: "Newest" }).waitFor();
    await page.locator(OUTCOME).nth(1).waitFor();
    expect(await log.evaluate((box) => box.scrollTop)).toBe(200);
    await page.getByRole("button", { name: "Newest" }).click();
    await page.getByRole("button", { name: "Newest" }).waitFor({ state: "detached" });
  });

  test("Stop hangs up on a webhook that is silent", async () => {
    await using page = await openWithRaw([60_000]);
    await write(page, "Hello");
    await page.getByText("Waiting for the webhook").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("The chat hung up").first().waitFor();
    await page.getByRole("button", { name: "Send" }).waitFor();
  });

  test("a webhook that is not there is named, and the page stays usable", async () => {
    await using page = await openWithRaw(answer("{}"), { webhookUrl: "http://localhost:1/stream" });
    await say(page, "Hello");
    await page.getByRole("button", { name: /cannot be reached.*Nothing: no message/s }).waitFor();
    await say(page, "Hello again");
  });

  test("a thread is saved as a test", async () => {
    await using page = await openWithNode();
    await say(page, "café");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Save as test" }).click();
    const file = await readFile(await (await download).path(), "utf8");
    expect(file).toContain("Echo: café");
    expect(file).not.toContain(SECRET);
  });

  test("a thread of 5,000 messages opens at its end, and scrolls to its start", async () => {
    using raw = await withRawWebhook(answer("{}"));
    const { store } = raw.playground;
    const { thread } = store.createThread(raw.app.id, {});
    for (let index = 2; index <= 5000; index++)
      store.addMessage(thread.id, { role: index % 2 ? "assistant" : "user", content: `Message ${index}` });
    await using page = await openPage(browser, raw.url);
    await page.getByRole("log").getByText("Message 5000", { exact: true }).waitFor();
    const bubbles = page.locator(".message");
    expect(await bubbles.count()).toBe(50);
    // What is being read stays where it is while older messages come in above.
    const moved = await page.evaluate(async () => {
      const box = document.querySelector("[role=log]") as HTMLElement;
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const read = document.querySelectorAll(".message")[5] as HTMLElement;
      box.scrollTop = 500;
      await frame();
      const before = read.getBoundingClientRect().top;
      while (document.querySelectorAll(".message").length === 50) await frame();
      await frame();
      return Math.abs(read.getBoundingClientRect().top - before);
    });
    expect(moved).toBeLessThan(2);
    await page.evaluate(async () => {
      const box = document.querySelector("[role=log]") as HTMLElement;
      const count = () => document.querySelectorAll(".message").length;
      while (count() < 5000) {
        box.scrollTop = 0;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    expect(await bubbles.first().textContent()).toContain("Hello there!");
  }, 60_000);
});

describe("deleting", () => {
  test("a thread, with the keyboard, and only at the second press", async () => {
    await using page = await openWithRaw(chunks([delta("text"), DONE]));
    await say(page, "first");
    await page.getByRole("button", { name: "New thread" }).click();
    await say(page, "second");
    await page.getByRole("button", { name: "Delete this thread" }).focus();
    await page.keyboard.press("Enter");
    const sure = page.getByRole("button", { name: "Delete?" });
    await sure.waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Tab");
    await sure.waitFor({ state: "detached" });
    expect(page.playground.store.threads(page.app.id, { limit: 9 }).length).toBe(2);

    await page.getByRole("button", { name: "Delete this thread" }).focus();
    await page.keyboard.press("Enter");
    await sure.waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("first", { exact: true }).waitFor();
    expect(await page.getByText("second", { exact: true }).count()).toBe(0);
    expect(page.playground.store.threads(page.app.id, { limit: 9 }).length).toBe(1);
    await page.getByRole("button", { name: "Delete this thread" }).click();
    await sure.click();
    await page.getByText("Say something to your webhook").waitFor();
    expect(page.mistakes.filter((mistake) => !mistake.includes("axe"))).toEqual([]);
  });

  test("the last App, and the page begins anew", async () => {
    await using page = await openWithRaw(answer("{}"));
    const form = await settings(page);
    await form.getByRole("button", { name: "Delete" }).click();
    await form.getByRole("button", { name: "Delete it and its threads?" }).click();
    await form.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Connect your webhook" }).waitFor();
    expect(page.playground.store.apps()).toEqual([]);
  });

  test("not while a message is being answered, and the page says so", async () => {
    await using page = await openWithRaw([60_000]);
    await write(page, "Hello");
    await page.getByText("Waiting for the webhook").waitFor();
    await page.getByRole("button", { name: "Delete this thread" }).click();
    await page.getByRole("button", { name: "Delete?" }).click();
    await page.getByRole("alert").getByText("stop it first").waitFor();
  });
});
