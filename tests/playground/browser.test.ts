import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, openPage, startBoth, startBrowser } from "./browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
}, 60_000);
afterAll(() => browser.close());

test("a message is answered, stored, and there after a reload", async () => {
  await using both = await startBoth();
  await using page = await openPage(browser, both.playground.base);
  await page.getByText("Say something to your webhook").waitFor();

  await page.getByRole("textbox", { name: "Message" }).fill("café 😀");
  await page.keyboard.press("Enter");
  const reply = page.getByRole("log").getByText("Echo: café 😀", { exact: true });
  await page.getByRole("button", { name: "The webhook streamed the reply and stored it" }).waitFor();
  await expect.poll(() => reply.count()).toBe(1);
  await page.getByRole("tab", { name: "Signature" }).click();
  await page.getByText("Form: escaped").waitFor();
  await page.getByText("\\u00e9", { exact: false }).first().waitFor();

  await page.reload();
  await reply.waitFor();
  expect(await reply.count()).toBe(1);
  expect(page.mistakes).toEqual([]);
});
