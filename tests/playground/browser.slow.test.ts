import { readFile } from "node:fs/promises";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pageAssets } from "../../local/playground/page/assets.ts";
import { pageHtml } from "../../local/playground/page/html.ts";
import { BREAKS } from "../../local/playground/page/protocol.ts";
import { createPlayground } from "../../local/playground/playground.ts";
import { serve } from "../../local/playground/serve.ts";
import { openStore } from "../../local/playground/store/open.ts";
import { type Browser, openPage, say, startBoth, startBrowser } from "./browser.ts";
import { startInFront } from "./in-front.ts";
import { SECRET } from "./main-app.ts";
import { delta, done, startPage } from "./page-client.ts";
import { answer, chunks, type Steps, startRawWebhook } from "./raw-webhook.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const OUTCOME = ".outcome:not(.running)";
const DONE = done({});

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

/** A playground whose webhook answers what it is told. */
async function withRawWebhook(steps: Steps) {
  const playground = await startPage();
  const webhook = await startRawWebhook(steps);
  const app = playground.store.createApp({
    ...{ name: "Raw", mode: "webhook", webhookUrl: webhook.url, secret: SECRET, timeoutMs: 8000 },
  });
  return {
    ...{ playground, webhook, app, url: playground.base },
    [Symbol.dispose]() {
      webhook[Symbol.dispose]();
      playground[Symbol.dispose]();
    },
  };
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

const settings = async (page: Page) => {
  await page.getByRole("button", { name: /^Settings of/ }).click();
  const form = page.getByRole("dialog");
  await form.waitFor();
  return form;
};
const breakIt = async (page: Page, kind: keyof typeof BREAKS) => {
  await page.getByRole("button", { name: "Break it" }).click();
  await page.getByRole("menuitemradio", { name: BREAKS[kind] }).click();
};

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
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await form.waitFor({ state: "detached" });
    await page.getByText("Say something to your webhook").waitFor();
    await page.getByRole("button", { name: "café 😀" }).click();
    await page.getByText("Echo: café 😀").first().waitFor();
    expect(empty.store.apps()).toMatchObject([{ name: "Mine", secret: SECRET }]);
    expect(page.mistakes).toEqual([]);
  });
});

describe("the chat", () => {
  test("a stream grows in place, and the stored message takes its place without a jump", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base);
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
    using raw = await withRawWebhook(chunks([delta("for a moment"), DONE]));
    await using page = await openPage(browser, raw.url);
    await say(page, "Hello");
    await page.getByText("for a moment", { exact: true }).waitFor();
    await page.getByRole("button", { name: /nothing was stored.*In the main app’s chat/s }).waitFor();
  });

  test("text of a webhook is text", async () => {
    using raw = await withRawWebhook(chunks([delta('<img src="http://example.com/x"><script>alert(1)</script>'), DONE]));
    await using page = await openPage(browser, raw.url);
    await say(page, "Hello");
    await page.getByText('<img src="http://example.com/x">').first().waitFor();
    await page.getByRole("tab", { name: "Response" }).click();
    expect(await page.locator("img").count()).toBe(0);
    expect(page.mistakes).toEqual([]);
  });

  test("who has scrolled up is left there, and can go to the newest message", async () => {
    using raw = await withRawWebhook(chunks([delta("first\n".repeat(100)), 300, delta("last word"), DONE]));
    await using page = await openPage(browser, raw.url);
    await say(page, "one");
    await page.getByRole("textbox", { name: "Message" }).fill("two");
    await page.keyboard.press("Enter");
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
    using raw = await withRawWebhook([60_000]);
    await using page = await openPage(browser, raw.url);
    await page.getByRole("textbox", { name: "Message" }).fill("Hello");
    await page.keyboard.press("Enter");
    await page.getByText("Waiting for the webhook").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("The chat hung up").first().waitFor();
    await page.getByRole("button", { name: "Send" }).waitFor();
  });

  test("a webhook that is not there is named, and the page stays usable", async () => {
    using raw = await withRawWebhook(answer("{}"));
    raw.playground.store.updateApp(raw.app.id, { webhookUrl: "http://localhost:1/stream" });
    await using page = await openPage(browser, raw.url);
    await say(page, "Hello");
    await page.getByRole("button", { name: /cannot be reached.*Nothing: no message/s }).waitFor();
    await say(page, "Hello again");
  });

  test("a thread is saved as a test", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base);
    await say(page, "café");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Save as test" }).click();
    const file = await readFile(await (await download).path(), "utf8");
    expect(file).toContain("Echo: café");
    expect(file).not.toContain(SECRET);
  });
});

describe("the secret", () => {
  test("is nowhere on the page until somebody asks for it", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base);
    await say(page, "Hello");
    const form = await settings(page);
    expect(await page.content()).not.toContain(SECRET);
    await form.getByRole("button", { name: "Show" }).click();
    await expect.poll(() => form.getByLabel("Webhook secret").inputValue()).toBe(SECRET);
    expect(await form.getByLabel("Webhook secret").getAttribute("type")).toBe("text");
    expect(page.url()).not.toContain(SECRET);
  });

  test("Generate makes one of 64 hex digits, a refusal is explained, and Clear sends unsigned", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base);
    let form = await settings(page);
    await form.getByRole("button", { name: "Generate" }).click();
    await expect.poll(() => form.getByLabel("Webhook secret").inputValue()).toMatch(/^[0-9a-f]{64}$/);
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await form.waitFor({ state: "detached" });
    await say(page, "Hello");
    await page.getByText("Is the webhook secret the same on both sides?").first().waitFor();
    await page.getByRole("button", { name: /The webhook refused the signature.*Nothing: no message/s }).waitFor();

    form = await settings(page);
    await form.getByRole("button", { name: "Clear" }).click();
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await form.waitFor({ state: "detached" });
    await say(page, "Hello");
    await page.getByRole("tab", { name: "Signature" }).click();
    await page.getByText("This request was not signed.").waitFor();
    expect(both.playground.store.app(both.app.id)?.secret ?? "").toBe("");
  });

  test("stays as it is when something else is saved", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base);
    const form = await settings(page);
    await form.getByLabel("Name").fill("Another name");
    await form.getByRole("button", { name: "Save", exact: true }).click();
    await form.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Another name", exact: true }).waitFor();
    expect(both.playground.store.app(both.app.id)).toMatchObject({ name: "Another name", secret: SECRET });
  });
});

describe("trying the webhook", () => {
  test("Test webhook shows its result, and the inspector has the request", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base);
    const form = await settings(page);
    await form.getByLabel("Webhook URL").fill(both.webhook.url.href);
    await form.getByRole("button", { name: "Save and test" }).click();
    await form.getByText("Signature: Sent ✓").waitFor();
    await form.getByRole("button", { name: "Inspect" }).click();
    await page.getByRole("heading", { name: "Test webhook" }).waitFor();
    await page.getByText("X-Thread-Id: 00000000-0000-0000-0000-000000000000").waitFor();
  });

  test.each(Object.keys(BREAKS) as (keyof typeof BREAKS)[])(
    "a broken message (%s) ends as it should, and is broken once",
    async (kind) => {
      await using both = await startBoth();
      await using page = await openPage(browser, both.playground.base);
      const box = page.getByRole("textbox", { name: "Message" });
      await box.fill("written before");
      await breakIt(page, kind);
      await page.getByRole("button", { name: "Do not break the next message" }).waitFor();
      expect(await box.inputValue()).toBe("written before");
      await page.keyboard.press("Enter");
      const outcome = page.locator(OUTCOME);
      await outcome.locator(".held").waitFor({ timeout: 20_000 });
      expect(await outcome.textContent()).toContain(BREAKS[kind]);
      await say(page, "and now a whole one");
      expect(await outcome.nth(1).locator(".broke").count()).toBe(0);
    },
  );

  test("the next message does not wait for the inspector", async () => {
    using raw = await withRawWebhook(chunks([delta("text"), DONE]));
    await using page = await openPage(browser, raw.url);
    const inspect = Promise.withResolvers<void>();
    await page.route("**/playground/exchanges/*", async (route) => {
      await inspect.promise;
      await route.continue();
    });
    await say(page, "one");
    await say(page, "two");
    inspect.resolve();
    await page.getByRole("tab", { name: "Request" }).waitFor();
  });

  test("a message of somebody who is quicker than the stream of events is answered", async () => {
    using raw = await withRawWebhook(chunks([delta("text"), DONE]));
    await using page = await browser.newPage();
    // It opens once the message is sent, or late.
    await page.route("**/playground/events", async (route) => {
      await Promise.race([page.waitForResponse("**/send"), page.waitForTimeout(500)]);
      await route.continue();
    });
    await page.goto(raw.url);
    await page.getByRole("textbox", { name: "Message" }).fill("quick");
    await page.keyboard.press("Enter");
    await page.locator(OUTCOME).waitFor({ timeout: 10_000 });
  });

  test("the Enter of somebody who is quicker than the page is not lost", async () => {
    using raw = await withRawWebhook(chunks([delta("text"), DONE]));
    await using page = await browser.newPage();
    const box = page.getByRole("textbox", { name: "Message" });
    const typed = Promise.withResolvers<void>();
    await page.route("**/playground/state", async (route) => {
      await typed.promise;
      await route.continue();
    });
    const again = Promise.withResolvers<void>();
    await page.route("**/send", async (route) => {
      const response = await route.fetch();
      await again.promise;
      await route.fulfill({ response });
    });
    await page.goto(raw.url);
    await box.fill("before the page is loaded");
    await box.press("Enter");
    typed.resolve();
    await page.locator(OUTCOME).waitFor({ timeout: 10_000 });
    await box.fill("before the first one is sent");
    await box.press("Enter");
    again.resolve();
    await page.locator(OUTCOME).nth(1).waitFor({ timeout: 10_000 });
  });

  test("who has begun another thread is not taken back to the request of the one before", async () => {
    using raw = await withRawWebhook(chunks([delta("text"), DONE]));
    await using page = await openPage(browser, raw.url);
    await say(page, "one");
    const sending = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    await page.route("**/send", async (route) => {
      const response = await route.fetch();
      sending.resolve();
      await sent.promise;
      await route.fulfill({ response });
    });
    await page.getByRole("textbox", { name: "Message" }).fill("two");
    await page.keyboard.press("Enter");
    await sending.promise;
    await page.getByRole("button", { name: "New thread" }).click();
    const came = page.waitForResponse("**/send");
    sent.resolve();
    await (await came).finished();
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    expect(await page.getByText("Here you will see the request").count()).toBe(1);
    expect(page.mistakes).toEqual([]);
  });

  test("a message that cannot be sent is said, and stays in the box", async () => {
    using raw = await withRawWebhook(answer("{}"));
    raw.playground.store.updateApp(raw.app.id, { secret: null });
    await using page = await openPage(browser, raw.url);
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("do not lose me");
    await breakIt(page, "wrong-secret");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("This App has no secret").waitFor();
    expect(await box.inputValue()).toBe("do not lose me");
    await page.keyboard.press("Escape");
    await page.getByRole("alert").waitFor({ state: "detached" });
  });

  test("all checks run with progress, and each failure comes with its fix", async () => {
    using raw = await withRawWebhook(answer('{"reply":"unsigned, and never mind"}'));
    await using page = await openPage(browser, raw.url);
    await page.getByRole("button", { name: "Run all checks" }).click();
    await page.getByRole("progressbar", { name: "Progress of the checks" }).waitFor();
    await page.getByRole("button", { name: "Run again" }).waitFor({ timeout: 120_000 });
    expect(await page.locator(".results.fail .fix").count()).toBeGreaterThan(0);
    expect(page.mistakes).toEqual([]);
  }, 150_000);
});

describe("deleting", () => {
  test("a thread, with the keyboard, and only at the second press", async () => {
    using raw = await withRawWebhook(chunks([delta("text"), DONE]));
    await using page = await openPage(browser, raw.url);
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
    expect(raw.playground.store.threads(raw.app.id, { limit: 9 }).length).toBe(2);

    await page.getByRole("button", { name: "Delete this thread" }).focus();
    await page.keyboard.press("Enter");
    await sure.waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("first", { exact: true }).waitFor();
    expect(await page.getByText("second", { exact: true }).count()).toBe(0);
    expect(raw.playground.store.threads(raw.app.id, { limit: 9 }).length).toBe(1);
    await page.getByRole("button", { name: "Delete this thread" }).click();
    await sure.click();
    await page.getByText("Say something to your webhook").waitFor();
    expect(page.mistakes.filter((mistake) => !mistake.includes("axe"))).toEqual([]);
  });

  test("the last App, and the page begins anew", async () => {
    using raw = await withRawWebhook(answer("{}"));
    await using page = await openPage(browser, raw.url);
    const form = await settings(page);
    await form.getByRole("button", { name: "Delete" }).click();
    await form.getByRole("button", { name: "Delete it and its threads?" }).click();
    await form.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Connect your webhook" }).waitFor();
    expect(raw.playground.store.apps()).toEqual([]);
  });

  test("not while a message is being answered, and the page says so", async () => {
    using raw = await withRawWebhook([60_000]);
    await using page = await openPage(browser, raw.url);
    await page.getByRole("textbox", { name: "Message" }).fill("Hello");
    await page.keyboard.press("Enter");
    await page.getByText("Waiting for the webhook").waitFor();
    await page.getByRole("button", { name: "Delete this thread" }).click();
    await page.getByRole("button", { name: "Delete?" }).click();
    await page.getByRole("alert").getByText("stop it first").waitFor();
  });
});

test("the checks can be stopped", async () => {
  await using both = await startBoth();
  await using page = await openPage(browser, both.playground.base);
  await page.getByRole("button", { name: "Run all checks" }).click();
  await page.locator(".results").first().waitFor();
  await page.getByRole("complementary", { name: "Checks" }).getByRole("button", { name: "Stop" }).click();
  await page.getByRole("status").getByText("the run was stopped").waitFor();
  await page.getByRole("button", { name: "Run again" }).waitFor();
});

test("requests of the real main app are followed as they pass through, and each can be inspected", async () => {
  using all = await startInFront(chunks([delta("one "), 300, delta("two"), DONE]));
  await using page = await openPage(browser, all.page.base);
  await page.getByRole("heading", { name: "Waiting for the main app" }).waitFor();
  await page.getByText(all.page.paste, { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  const first = all.through.stream();
  await page.locator(".live").getByText("one").waitFor();
  await first;
  await page.getByRole("button", { name: /main app stores nothing of a stream/ }).waitFor();
  await page.getByText("café 😀", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Signature" }).click();
  await page.getByText("The signature is good.").waitFor();
  expect(await page.getByRole("textbox", { name: "Message" }).count()).toBe(0);

  // The newest one is shown by itself, and whoever looks at an older one is left there.
  all.mainApp.store.updateApp(all.through.app.id, { secret: "another" });
  await all.through.stream();
  await page.getByText("A webhook must refuse this request.").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.locator(OUTCOME).first().click();
  await page.getByText("The signature is good.").waitFor();
  await all.through.stream();
  await page.locator(OUTCOME).nth(2).waitFor();
  expect(await page.getByText("The signature is good.").count()).toBe(1);

  await page.reload();
  await page.locator(OUTCOME).nth(2).waitFor();
  await page.getByRole("button", { name: "New thread" }).click();
  await say(page, "mine");
  await page.getByRole("button", { name: "From the main app" }).click();
  await page.locator(OUTCOME).nth(2).waitFor();
  expect(page.mistakes.filter((mistake) => !mistake.includes("axe"))).toEqual([]);
});

describe("everyone can use it", () => {
  test("with the keyboard only", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base);
    const box = page.getByRole("textbox", { name: "Message" });
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    await page.getByRole("button", { name: "Run all checks" }).focus();
    await page.keyboard.press("/");
    await expect.poll(() => box.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.type("one");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("two");
    expect(await box.inputValue()).toBe("one\ntwo");
    await page.keyboard.press("Enter");
    await page.locator(OUTCOME).waitFor();
    expect(await box.inputValue()).toBe("");

    await page.keyboard.press("Shift+Tab");
    expect(await focused()).toBe("Break it");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe(BREAKS["wrong-secret"]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    await page.getByRole("menu").waitFor({ state: "detached" });
    expect(await focused()).toBe("Break it");

    await page.getByRole("tab", { name: "Request" }).focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(focused).toBe("Signature");
    expect(await page.getByRole("tabpanel", { name: "Signature" }).count()).toBe(1);

    const form = await settings(page);
    await page.keyboard.press("Escape");
    await form.waitFor({ state: "detached" });
  });

  test("on a phone, one pane at a time, and nothing is wider than the screen", async () => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base, PHONE);
    await say(page, "a-very-long-word-".repeat(20));
    const shown = async () => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(390);
      const panes = [
        page.getByRole("navigation", { name: "Apps" }),
        page.getByRole("main"),
        page.getByLabel("Inspector").first(),
      ];
      return Promise.all(panes.map((pane) => pane.isVisible()));
    };
    expect((await shown())[1]).toBe(true);
    await page.getByRole("button", { name: "Threads" }).click();
    await page.getByRole("navigation", { name: "Apps" }).waitFor();
    expect(await shown()).toEqual([true, false, false]);
    await page.getByRole("button", { name: "Inspector" }).click();
    await page.getByRole("tablist").waitFor();
    expect(await shown()).toEqual([false, false, true]);
    await page.goBack();
    await page.getByRole("main").waitFor();
    await page.locator(OUTCOME).click();
    await page.getByRole("tablist").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("main").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test.each(["light", "dark"] as const)("axe finds nothing, with the system's %s colours", async (colorScheme) => {
    await using both = await startBoth();
    await using page = await openPage(browser, both.playground.base, { colorScheme });
    const light = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    expect(light).toBe(colorScheme === "light" ? "rgb(247, 247, 245)" : "rgb(20, 22, 21)");
    expect(await violations(page)).toEqual([]);
    await say(page, "café 😀");
    await breakIt(page, "wrong-secret");
    await say(page, "Hello");
    await page.locator(OUTCOME).nth(1).waitFor();
    for (const tab of ["Request", "Signature", "Response", "Stream", "Timing"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByRole("tabpanel", { name: tab }).waitFor();
      expect(await violations(page)).toEqual([]);
    }
    await page.getByRole("button", { name: "Break it" }).click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    const form = await settings(page);
    await form.getByRole("button", { name: "Test webhook" }).click();
    await form.getByRole("button", { name: "Inspect" }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(page.mistakes.filter((mistake) => !mistake.includes("axe"))).toEqual([]);
  });
});

test("a playground that stops and starts again is said, and the page goes on by itself", async () => {
  const { store } = openStore(":memory:");
  const playground = () => createPlayground(store, { html: pageHtml, assets: pageAssets });
  store.createApp({ name: "Mine", mode: "webhook", webhookUrl: null, secret: null, timeoutMs: 8000 });
  const first = await serve(playground(), 0);
  await using page = await openPage(browser, `http://localhost:${first.port}`);
  await page.getByRole("button", { name: "Mine", exact: true }).waitFor();
  first.close();
  await page.getByText("The playground has stopped").waitFor();
  store.createApp({ name: "Added meanwhile", mode: "webhook", webhookUrl: null, secret: null, timeoutMs: 8000 });
  const second = await serve(playground(), first.port);
  await page.getByRole("button", { name: "Added meanwhile", exact: true }).waitFor();
  await page.getByText("The playground has stopped").waitFor({ state: "detached" });
  second.close();
});

describe("much of everything", () => {
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

  test("one can write while a stream of 10,000 pieces comes", async () => {
    const pieces = Array.from({ length: 10_000 }, (_, index) => delta(`piece ${index} `));
    const paced = pieces.flatMap((piece, index) => (index % 100 === 99 ? [piece, 5] : [piece]));
    using raw = await withRawWebhook(chunks([...paced, DONE]));
    await using page = await openPage(browser, raw.url);
    await page.getByRole("textbox", { name: "Message" }).fill("Hello");
    await page.keyboard.press("Enter");
    await page.locator(".live").getByText("piece 1 ").waitFor();
    await page.getByRole("textbox", { name: "Message" }).pressSequentially("typed while it streams");
    await page.locator(OUTCOME).waitFor();
    const text = await page.locator(".message.ghost p").textContent();
    expect(text).toContain("piece 9999");
    expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("typed while it streams");
  }, 60_000);
});
