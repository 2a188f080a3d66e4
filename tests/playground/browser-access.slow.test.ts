import { expect, test } from "vitest";
import { BREAKS } from "../../local/playground/page/protocol.ts";
import { say } from "./browser.ts";
import { breakIt, OUTCOME, openWithNode, settings, violations } from "./open-page.ts";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

test("with the keyboard only", async () => {
  await using page = await openWithNode();
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
  await using page = await openWithNode(PHONE);
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
  await using page = await openWithNode({ colorScheme });
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
