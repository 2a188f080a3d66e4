import axe from "axe-core";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll } from "vitest";
import { BREAKS } from "../../local/playground/page/protocol.ts";
import { openPage, startBoth, startBrowser } from "./browser.ts";
import { HOOK } from "./main-app.ts";
import { done, startPage } from "./page-client.ts";
import { type Steps, startRawWebhook } from "./raw-webhook.ts";

/** The end of a message's run. */
export const OUTCOME = ".outcome:not(.running)";
export const DONE = done({});

/** For all tests of a file. */
export const browser = await startBrowser();
afterAll(() => browser.close());

/** A playground whose webhook answers what it is told. */
export async function withRawWebhook(steps: Steps, fields: Partial<typeof HOOK> = {}) {
  const playground = await startPage();
  const webhook = await startRawWebhook(steps);
  const app = playground.store.createApp({ ...HOOK, webhookUrl: webhook.url, ...fields });
  return {
    ...{ playground, webhook, app, url: playground.base },
    [Symbol.dispose]() {
      webhook[Symbol.dispose]();
      playground[Symbol.dispose]();
    },
  };
}

/** The page of such a playground, which is a part of it. */
export async function openWithRaw(steps: Steps, fields: Partial<typeof HOOK> = {}) {
  const { [Symbol.dispose]: stop, url, ...raw } = await withRawWebhook(steps, fields);
  const page = await openPage(browser, url);
  return closing(Object.assign(page, raw), stop);
}

/** The page of a playground with the project's Node server as its webhook. */
export async function openWithNode(options: BrowserContextOptions = {}) {
  const { [Symbol.asyncDispose]: stop, ...both } = await startBoth();
  const page = await openPage(browser, both.playground.base, options);
  return closing(Object.assign(page, both), stop);
}

/** Disposing of the page stops what belongs to it too. */
function closing<P extends AsyncDisposable>(page: P, stop: () => unknown): P {
  const close = page[Symbol.asyncDispose];
  return Object.assign(page, {
    async [Symbol.asyncDispose]() {
      await close();
      await stop();
    },
  });
}

export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

export async function settings(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: /^Settings of/ }).click();
  const form = page.getByRole("dialog");
  // A key that is pressed before it is open is lost.
  await form.waitFor();
  return form;
}

export async function save(form: Locator): Promise<void> {
  await form.getByRole("button", { name: "Save", exact: true }).click();
  await form.waitFor({ state: "detached" });
}

export async function breakIt(page: Page, kind: keyof typeof BREAKS): Promise<void> {
  await page.getByRole("button", { name: "Break it" }).click();
  await page.getByRole("menuitemradio", { name: BREAKS[kind] }).click();
}
