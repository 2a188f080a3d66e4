import { expect, test } from "vitest";
import { write } from "./browser.ts";
import { openWithNode } from "./open-page.ts";

test("a message is answered, stored, and there after a reload", async () => {
  await using page = await openWithNode();
  await page.getByText("Say something to your webhook").waitFor();

  await write(page, "café 😀");
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
