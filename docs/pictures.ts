/** `npm run pictures`: takes the README's pictures from the playground's real page, with the project's Node server as its webhook. */
import { fileURLToPath } from "node:url";
import { type Browser, openPage, say, startBoth, startBrowser } from "../tests/playground/browser.ts";

const SIZE = { width: 1280, height: 800 };

async function takePicture(browser: Browser, colorScheme: "light" | "dark"): Promise<void> {
  const path = fileURLToPath(new URL(`playground-${colorScheme}.png`, import.meta.url));
  await using both = await startBoth();
  await using page = await openPage(browser, both.playground.base, {
    ...{ viewport: SIZE, colorScheme, reducedMotion: "reduce", locale: "en-GB", timezoneId: "UTC" },
  });
  await say(page, "café 😀");
  await page.getByRole("button", { name: "Break it" }).click();
  await page.getByRole("menuitemradio", { name: "Wrong secret" }).click();
  await say(page, "A table for two, please");
  await page.getByRole("button", { name: "The webhook streamed the reply and stored it" }).click();
  await page.getByRole("tab", { name: "Signature" }).click();
  await page.getByText("Form: escaped").waitFor();
  if (page.mistakes.length > 0) throw new Error(page.mistakes.join("\n"));
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  console.log(`Written: ${path}`);
}

const browser = await startBrowser();
try {
  await takePicture(browser, "light");
  await takePicture(browser, "dark");
} finally {
  await browser.close();
}
