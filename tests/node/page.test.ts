import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer, get } from "node:http";
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
      env: { ...process.env, SECRET_OF_THE_READER: SECRET },
    });
    expect(stdout).toMatch(/Echo: hello.*\d passed/s);
  });
});

test("the page's policy allows its own style and no other", () => {
  expect(STYLE_HASH).toBe(createHash("sha256").update(STYLE).digest("base64"));
});

test.each(["a;id", "$(id)", "a'b", "a`b", "a&b"])("the host %o, which a shell would run, is in no command", async (host) => {
  const app = createApp({ env: {}, reply: echo, log: () => {} });
  const page = await (await app.fetch(new Request(`http://${host}/`))).text();
  expect(commandOn(page)).toContain("send 'https://your-webhook.example/'");
  expect(page).not.toContain(new URL(`http://${host}/`).host);
});

test.each(["localhost:8081", "my-webhook.example", "xn--bcher-kva.example"])("the host %s is shown", async (host) => {
  const app = createApp({ env: {}, reply: echo, log: () => {} });
  expect(commandOn(await (await app.fetch(new Request(`http://${host}/`))).text())).toContain(`send 'http://${host}/'`);
});

test.each([
  ["https", "https"],
  ["https, http", "https"],
  ["http", "http"],
  ["httpsx", "http"],
])("behind a proxy that says X-Forwarded-Proto: %s, the page shows %s URLs", async (forwarded, shown) => {
  const app = createApp({ env: {}, reply: echo, log: () => {} });
  const headers = { "x-forwarded-proto": forwarded };
  const page = await (await app.fetch(new Request("http://bot.example/", { headers }))).text();
  expect(page).toContain(`<code>${shown}://bot.example/stream</code>`);
  expect(commandOn(page)).toContain(`send '${shown}://bot.example/'`);
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
  const plain = { WEBHOOK_SECRET: "plain 'inside'", BACKEND_URL: "https://main-app.example" };
  expect(readSettings(plain).warnings).toEqual([]);
});

test("a setting that cannot be understood gives a warning and the safer setting", () => {
  const settings = readSettings({ REQUIRE_SIGNATURE: "yess", REPLY_TIMEOUT_MS: "25s", BACKEND_URL: "http://main-app.example" });
  expect(settings).toMatchObject({ requireSignature: true, replyTimeoutMs: 25_000, backendUrl: undefined });
  const warnings = settings.warnings.join("\n");
  for (const name of ["REQUIRE_SIGNATURE", "WEBHOOK_SECRET", "REPLY_TIMEOUT_MS", "BACKEND_URL must be"])
    expect(warnings).toContain(name);
});

test("a secret of only spaces is a secret", () => {
  expect(readSettings({ WEBHOOK_SECRET: "  " }).secrets).toEqual(["  "]);
});

test("the warning about a secret that is no string names it, and never shows it", () => {
  const { warnings } = readSettings({ WEBHOOK_SECRET: 1234567 });
  expect(warnings.join("\n")).toContain("WEBHOOK_SECRET is not a string");
  expect(warnings.join("\n")).not.toContain("1234567");
});

test("the page allows no frame, no form and no base URL", async () => {
  const { headers } = await createApp({ env: {}, reply: echo, log: () => {} }).request("/");
  const policy = headers.get("content-security-policy");
  for (const rule of ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
    expect(policy).toContain(rule);
});

test.each([
  [{ REQUIRE_SIGNATURE: true }, { requireSignature: true, secrets: [] }],
  [{ WEBHOOK_SECRET: 123456 }, { requireSignature: true, secrets: [] }],
  [{ WEBHOOK_SECRET: { get() {} } }, { requireSignature: true, secrets: [] }],
  [
    { REPLY_TIMEOUT_MS: 1000, DEFER: true },
    { replyTimeoutMs: 1000, defer: { timeoutMs: 60_000 } },
  ],
])("[vars] and bindings of a Worker that are no strings never weaken it: %o", (env, settings) => {
  expect(readSettings(env)).toMatchObject(settings);
});

test.each([
  ["GET / is a page whatever the Host header says", { path: "/", headers: { host: "1.2.3.4.5" } }],
  ["a fragment, which no client should send, does not count as path", { path: "/health#x" }],
])("%s", async (_, request) => {
  const app = createApp({ env: {}, reply: echo, log: () => {} });
  const server = createServer(getRequestListener((incoming) => app.fetch(incoming)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const status = await new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, ...request }, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
  });
  server.close();
  expect(status).toBe(200);
});

test("start-up says that the chat will forget streamed text, and what to set", () => {
  expect(readSettings({}).warnings.join()).toMatch(/chat will forget .* Set BACKEND_URL .* WEBHOOK_SECRET/);
  expect(readSettings({ WEBHOOK_SECRET: "clé", BACKEND_URL: "http://localhost:8000" }).warnings.join()).toMatch(
    /can never pass the Partner API/,
  );
});

test.each([
  ["https://main-app.example/base/", "https://main-app.example/base"],
  ["http://localhost:8000", "http://localhost:8000"],
  ["http://127.0.0.1:8000/", "http://127.0.0.1:8000"],
  ["http://[::1]:8000", "http://[::1]:8000"],
  ["http://localhost.evil.example", undefined],
  ["https://user:pw@main-app.example", undefined],
  ["https://:pw@main-app.example", undefined],
  ["https://main-app.example/?q", undefined],
  ["https://main-app.example/?", undefined],
  ["https://main-app.example/#", undefined],
  ["ftp://localhost", undefined],
  ["nonsense", undefined],
])("BACKEND_URL %s is used as %s", (given, used) => {
  expect(readSettings({ BACKEND_URL: given }).backendUrl).toBe(used);
});
