import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstStep } from "../../local/dev/dev-server.ts";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { type Browser, openPage, startBrowser } from "../playground/browser.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { npmRun } from "../support/npm-script.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

test("after a clone: npm run dev, open the page, write, and the stored reply is there after a reload and a restart", {
  timeout: 120_000,
}, async () => {
  const clone = freshClone();
  writeFileSync(join(clone.folder, "shared/reply.ts"), 'export { echo as reply } from "./replies/echo.ts";\n');
  const [port, playgroundPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${playgroundPort}`;
  const start = async () => {
    const env = { ...machineEnvironment(), PORT: String(port), PLAYGROUND_PORT: String(playgroundPort) };
    const running = npmRun(["dev"], clone.folder, env);
    await running.printed(firstStep(url));
    return {
      running,
      async [Symbol.asyncDispose]() {
        running.signal("SIGINT");
        await running.exited;
      },
    };
  };
  const startedAt = performance.now();
  const words = "café 😀";
  {
    await using dev = await start();
    await using page = await openPage(browser, url);
    console.log(`From npm run dev to a usable page: ${Math.round(performance.now() - startedAt)} ms`);
    await page.getByRole("textbox", { name: "Message" }).fill(words);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "The webhook streamed the reply and stored it" }).waitFor();
    await page.getByRole("log").getByText(`Echo: ${words}`, { exact: true }).waitFor();
    await page.reload();
    await page.getByRole("log").getByText(`Echo: ${words}`, { exact: true }).waitFor();
    expect(page.mistakes).toEqual([]);
    expect(dev.running.lines.join("\n")).not.toMatch(/not_stored|warning|ERROR/);
  }
  {
    await using _dev = await start();
    await using page = await openPage(browser, url);
    await page.getByText(`Echo: ${words}`).first().waitFor();
  }
  clone.remove();
});
