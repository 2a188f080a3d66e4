import { expect, test } from "vitest";
import { createPlayground } from "../../local/playground/playground.ts";
import { serve } from "../../local/playground/serve.ts";
import { openStore } from "../../local/playground/store/open.ts";
import { openPage, say } from "./browser.ts";
import { startInFront } from "./in-front.ts";
import { HOOK } from "./main-app.ts";
import { browser, DONE, OUTCOME, openWithNode, openWithRaw, violations } from "./open-page.ts";
import { delta } from "./page-client.ts";
import { answer, chunks } from "./raw-webhook.ts";

test("all checks run with progress, and each failure comes with its fix", async () => {
  await using page = await openWithRaw(answer('{"reply":"unsigned, and never mind"}'));
  await page.getByRole("button", { name: "Run all checks" }).click();
  await page.getByRole("progressbar", { name: "Progress of the checks" }).waitFor();
  await page.getByRole("button", { name: "Run again" }).waitFor({ timeout: 120_000 });
  expect(await page.locator(".results.fail .fix").count()).toBeGreaterThan(0);
  expect(page.mistakes).toEqual([]);
}, 150_000);

test("the checks can be stopped, and say which webhook they checked when another App is open", async () => {
  await using page = await openWithNode();
  const other = { ...HOOK, name: "Another App", webhookUrl: "http://localhost:9/other" };
  page.playground.store.createApp(other);
  await page.reload();
  await page.getByRole("button", { name: "Run all checks" }).click();
  await page.locator(".results").first().waitFor();
  await page.getByRole("complementary", { name: "Checks" }).getByRole("button", { name: "Stop" }).click();
  await page.getByRole("status").getByText("the run was stopped").waitFor();
  await page.getByRole("button", { name: "Run again" }).waitFor();
  await page.getByRole("button", { name: other.name, exact: true }).click();
  await page.getByRole("button", { name: other.name, expanded: true }).waitFor();
  expect(await page.getByRole("complementary", { name: "Checks" }).locator(".url").textContent()).toBe(
    page.webhook.stream.href,
  );
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

test("a playground that stops and starts again is said, and the page goes on by itself", async () => {
  const { store } = openStore(":memory:");
  const playground = () => createPlayground(store);
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
