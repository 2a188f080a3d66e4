import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import type { TargetStarter } from "../contract/index.ts";
import { startMainApp } from "../support/main-app.ts";

const SECRET = "checked-secret";

/** Runs `replyhook check` against a webhook that stores its replies: every MUST and every SHOULD must hold. */
export function checkPromise(starter: TargetStarter, skipped: string[] = []): void {
  test(`replyhook check finds nothing to fix on ${starter.name}`, { timeout: 400_000 }, async () => {
    const mainApp = await startMainApp({ secret: SECRET, anyThread: true });
    const { target, stop } = await starter.start({ WEBHOOK_SECRET: SECRET, BACKEND_URL: mainApp.url, CLOCK_SHIFT_MS: "0" });
    try {
      const url = `http://localhost:${target.port}`;
      const skip = skipped.length > 0 ? ["--skip", skipped.join(",")] : [];
      const { code, output } = await run([
        "check",
        `${url}/`,
        "--secret",
        SECRET,
        "--stream",
        `${url}/stream`,
        "--json",
        ...skip,
      ]);
      const { summary, checks, ms, requests } = JSON.parse(output);
      console.log(`${starter.name}: ${JSON.stringify(summary)} in ${(ms / 1000).toFixed(1)} s, ${requests.sent} requests`);
      expect(checks.filter(({ outcome }: { outcome: string }) => outcome === "fail" || outcome === "warn")).toEqual([]);
      expect(code).toBe(0);
      expect(summary).toMatchObject({ fail: 0, warn: 0, skip: 0 });
    } finally {
      await stop();
      mainApp.stop();
    }
  });
}

function run(args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["local/cli.ts", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => resolve({ code, output }));
  });
}
