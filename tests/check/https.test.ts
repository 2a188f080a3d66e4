import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { expect, test } from "vitest";
import { SECRET, startWebhook } from "./broken/base.ts";
import { cli } from "./cli.ts";
import { hasCommands } from "./commands.ts";

test.runIf(hasCommands("openssl"))("checks over https, and says when the certificate is not trusted", async () => {
  const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", cert, ...subject],
    { stdio: "ignore" },
  );

  await using webhook = await startWebhook();
  const proxy = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    const inner = connect(Number(webhook.url.port), "127.0.0.1");
    socket.pipe(inner).pipe(socket);
    socket.on("error", () => inner.destroy());
    inner.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const url = `https://localhost:${(proxy.address() as { port: number }).port}/`;

  const args = ["check", url, "--secret", SECRET, "--stream", `${url}stream`, "--only", "C,T,E"];
  const trusted = await cli(args, { env: { NODE_EXTRA_CA_CERTS: cert } });
  expect(trusted.out).toMatch(/^PASS \d+ passed, 1 warned/m);
  const { code, err } = await cli(args);
  expect(code).toBe(4);
  expect(err).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
  proxy.close();
  rmSync(folder, { recursive: true });
});
