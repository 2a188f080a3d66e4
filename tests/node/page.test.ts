import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { getRequestListener } from "@hono/node-server";
import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { STYLE, STYLE_HASH } from "../../shared/pages/home-style.ts";
import { aboutOf, startupLines } from "../../shared/pages/startup-lines.ts";
import { echo } from "../../shared/replies/echo.ts";
import { readSettings } from "../../shared/settings.ts";

const SECRET = "page's $ecret";

async function pageOf(env: Record<string, string>, use: (page: string) => Promise<void>): Promise<void> {
  const app = createApp({ env, reply: echo, log: () => {} });
  const server = createServer(getRequestListener((request) => app.fetch(request)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  try {
    await use(await (await fetch(`http://127.0.0.1:${port}/`)).text());
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function startLines(env: Record<string, string>): string[] {
  return startupLines("http://localhost:8081", aboutOf(readSettings(env)));
}

/** The command on the page, as a reader would copy it. */
function commandOn(page: string): string {
  const [, code = ""] = /<pre[^>]*><code>(.*?)<\/code>/s.exec(page) ?? [];
  const entities: Record<string, string> = { "&quot;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&" };
  return code.replace(/&(?:quot|#39|lt|gt|amp);/g, (entity) => entities[entity] ?? entity);
}

test.each([
  ["unsigned", {}],
  ["signed", { WEBHOOK_SECRET: SECRET }],
])("the commands on the page work after the secret was filled in (%s)", async (_, env) => {
  await pageOf(env, async (page) => {
    expect(page).not.toContain(SECRET);
    // The same program without npx, which takes seconds to find it.
    const command = commandOn(page)
      .replaceAll("'<your webhook secret>'", '"$SECRET_OF_THE_READER"')
      .replaceAll("npx replyhook", "node bin/replyhook.mjs");
    const { stdout } = await promisify(execFile)("bash", ["-c", command.replace("check ", "check --only C01,S01 ")], {
      // What is set in the shell, even to nothing, comes before the .env of this folder.
      env: { ...process.env, WEBHOOK_SECRET: "", SECRET_OF_THE_READER: SECRET },
    });
    expect(stdout).toMatch(/Echo: hello.*\d passed/s);
  });
});

test("the page's policy allows its own style and no other", () => {
  expect(STYLE_HASH).toBe(createHash("sha256").update(STYLE).digest("base64"));
});

test("a webhook that is not configured says what to set, and shows no unsigned command", async () => {
  await pageOf({ REQUIRE_SIGNATURE: "true" }, async (page) => {
    expect(page).toContain("There is no WEBHOOK_SECRET, so every message is refused. Set WEBHOOK_SECRET.");
    expect(page).toContain("Set the <b>Webhook secret</b> to the same <code>WEBHOOK_SECRET</code> as here.");
    expect(commandOn(page)).toContain("--secret");
  });
});

test("start-up and the page warn of a secret with white space or quotes around it, and never show it", async () => {
  for (const secret of [" padded", "padded\n", '"quoted"', "'quoted'"]) {
    const lines = startLines({ WEBHOOK_SECRET: secret }).join("\n");
    expect(lines).toContain("WEBHOOK_SECRET has white space or quotes around it");
    expect(lines).not.toContain(secret);
    await pageOf({ WEBHOOK_SECRET: secret }, async (page) => expect(page).toContain("white space or quotes"));
  }
});

test("the page allows no frame, no form and no base URL", async () => {
  const { headers } = await createApp({ env: {}, reply: echo, log: () => {} }).request("/");
  const policy = headers.get("content-security-policy");
  for (const rule of ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
    expect(policy).toContain(rule);
});
