/** `npm run pictures`: takes the README's picture from the playground's real page, with the project's Node server as its webhook. */
import { fileURLToPath } from "node:url";
import { openPage, say, startBoth, startBrowser } from "../tests/playground/browser.ts";

const SIZE = { width: 1280, height: 800 };
const PICTURE = fileURLToPath(new URL("playground.png", import.meta.url));

const browser = await startBrowser();
try {
  await using both = await startBoth();
  await using page = await openPage(browser, both.playground.base, {
    ...{ viewport: SIZE, colorScheme: "light", reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC" },
  });
  await say(page, "café 😀");
  await page.getByRole("button", { name: "Break it" }).click();
  await page.getByRole("menuitemradio", { name: "Wrong secret" }).click();
  await say(page, "A table for two, please");
  await page.getByRole("button", { name: "The webhook stored the reply" }).click();
  await page.getByRole("tab", { name: "Signature" }).click();
  await page.getByText("Form: escaped").waitFor();
  if (page.mistakes.length > 0) throw new Error(page.mistakes.join("\n"));
  await page.screenshot({ path: PICTURE, animations: "disabled", caret: "hide" });
  console.log(`Written: ${PICTURE}`);
} finally {
  await browser.close();
}
