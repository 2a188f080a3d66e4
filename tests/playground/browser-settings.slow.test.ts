import { describe, expect, test } from "vitest";
import { say } from "./browser.ts";
import { SECRET } from "./main-app.ts";
import { openWithNode, save, settings } from "./open-page.ts";

describe("the secret", () => {
  test("is nowhere on the page until somebody asks for it", async () => {
    await using page = await openWithNode();
    await say(page, "Hello");
    const form = await settings(page);
    expect(await page.content()).not.toContain(SECRET);
    await form.getByRole("button", { name: "Show" }).click();
    await expect.poll(() => form.getByLabel("Webhook secret").inputValue()).toBe(SECRET);
    expect(await form.getByLabel("Webhook secret").getAttribute("type")).toBe("text");
    expect(page.url()).not.toContain(SECRET);
  });

  test("Generate makes one of 64 hex digits, a refusal is explained, and Clear sends unsigned", async () => {
    await using page = await openWithNode();
    let form = await settings(page);
    await form.getByRole("button", { name: "Generate" }).click();
    await expect.poll(() => form.getByLabel("Webhook secret").inputValue()).toMatch(/^[0-9a-f]{64}$/);
    await save(form);
    await say(page, "Hello");
    await page.getByText("Is the webhook secret the same on both sides?").first().waitFor();
    await page.getByRole("button", { name: /The webhook refused the signature.*Nothing: no message/s }).waitFor();

    form = await settings(page);
    await form.getByRole("button", { name: "Clear" }).click();
    await save(form);
    await say(page, "Hello");
    await page.getByRole("tab", { name: "Signature" }).click();
    await page.getByText("This request was not signed.").waitFor();
    expect(page.playground.store.app(page.app.id)?.secret ?? "").toBe("");
  });

  test("stays as it is when something else is saved", async () => {
    await using page = await openWithNode();
    const form = await settings(page);
    await form.getByLabel("Name").fill("Another name");
    await save(form);
    await page.getByRole("button", { name: "Another name", exact: true }).waitFor();
    expect(page.playground.store.app(page.app.id)).toMatchObject({ name: "Another name", secret: SECRET });
  });
});

test("Test webhook shows its result, and the inspector has the request", async () => {
  await using page = await openWithNode();
  const form = await settings(page);
  await form.getByLabel("Webhook URL").fill(page.webhook.url.href);
  await form.getByRole("button", { name: "Save and test" }).click();
  await form.getByText("Signature: Sent ✓").waitFor();
  await form.getByRole("button", { name: "Inspect" }).click();
  await page.getByRole("heading", { name: "Test webhook" }).waitFor();
  await page.getByText("X-Thread-Id: 00000000-0000-0000-0000-000000000000").waitFor();
});
