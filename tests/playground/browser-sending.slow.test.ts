import { expect, test } from "vitest";
import { BREAKS } from "../../local/playground/page/protocol.ts";
import { say, write } from "./browser.ts";
import { breakIt, browser, DONE, OUTCOME, openWithNode, openWithRaw, withRawWebhook } from "./open-page.ts";
import { delta } from "./page-client.ts";
import { answer, chunks } from "./raw-webhook.ts";

test("the next message does not wait for the inspector", async () => {
  await using page = await openWithRaw(chunks([delta("text"), DONE]));
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
  await write(page, "quick");
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
  await using page = await openWithRaw(chunks([delta("text"), DONE]));
  await say(page, "one");
  const sending = Promise.withResolvers<void>();
  const sent = Promise.withResolvers<void>();
  await page.route("**/send", async (route) => {
    const response = await route.fetch();
    sending.resolve();
    await sent.promise;
    await route.fulfill({ response });
  });
  await write(page, "two");
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
  await using page = await openWithRaw(answer("{}"), { secret: null });
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("do not lose me");
  await breakIt(page, "wrong-secret");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("This App has no secret").waitFor();
  expect(await box.inputValue()).toBe("do not lose me");
  await page.keyboard.press("Escape");
  await page.getByRole("alert").waitFor({ state: "detached" });
});

test.each(Object.keys(BREAKS) as (keyof typeof BREAKS)[])(
  "a broken message (%s) ends as it should, and is broken once",
  async (kind) => {
    await using page = await openWithNode();
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

test("one can write while a stream of 10,000 pieces comes", async () => {
  const pieces = Array.from({ length: 10_000 }, (_, index) => delta(`piece ${index} `));
  const paced = pieces.flatMap((piece, index) => (index % 100 === 99 ? [piece, 5] : [piece]));
  await using page = await openWithRaw(chunks([...paced, DONE]));
  await write(page, "Hello");
  await page.locator(".live").getByText("piece 1 ").waitFor();
  await page.getByRole("textbox", { name: "Message" }).pressSequentially("typed while it streams");
  await page.locator(OUTCOME).waitFor();
  const text = await page.locator(".message.ghost p").textContent();
  expect(text).toContain("piece 9999");
  expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe("typed while it streams");
}, 60_000);
