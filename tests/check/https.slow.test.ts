import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer as createPlainServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { SECRET, startWebhook } from "./broken/base.ts";
import { cli } from "./cli.ts";
import { hasCommands } from "./commands.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a self-signed certificate that ends in `days` days. Returns its files. */
function certificate(host: string, days: number): { key: string; cert: string } {
  const [key, request, cert] = ["key", "csr", "crt"].map((name) => join(folder, `${host}.${days}.${name}`)) as [
    string,
    string,
    string,
  ];
  const subject = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, ...subject);
  // Only `x509` makes a certificate that has ended.
  openssl("x509", "-req", "-in", request, "-signkey", key, "-days", `${days}`, "-copy_extensions", "copyall", "-out", cert);
  return { key, cert };
}

/** A TLS server in front of the plain server on this port. */
async function startTls({ key, cert }: { key: string; cert: string }, inner: string | number) {
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
    const connection = connect(Number(inner), "127.0.0.1");
    socket.pipe(connection).pipe(socket);
    socket.on("error", () => connection.destroy());
    connection.on("error", () => socket.destroy());
  });
  return listening(server);
}

async function listening(server: Server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]() {
      server.close();
    },
  };
}

/** What both commands say of a URL that they cannot reach. */
async function obstacle(url: string, env: Record<string, string> = {}): Promise<string> {
  const check = await cli(["check", url, "--timeout", "2000"], { env });
  const send = await cli(["send", url, "hi", "--timeout", "2000"], { env });
  expect([check.code, send.code]).toEqual([4, 4]);
  const says = (err: string) => /^.* cannot be reached: (.*)\.$/m.exec(err)?.[1] ?? err;
  expect(says(check.err)).toBe(says(send.err));
  expect(check.err).not.toContain("Is the webhook running");
  return says(check.err);
}

describe.runIf(hasCommands("openssl"))("https", () => {
  test("checks over https", async () => {
    await using webhook = await startWebhook();
    const { key, cert } = certificate("localhost", 1);
    using tls = await startTls({ key, cert }, webhook.url.port);
    const url = `https://${tls.host}/`;
    const args = ["check", url, "--secret", SECRET, "--stream", `${url}stream`, "--only", "C,T,E"];
    const { out } = await cli(args, { env: { NODE_EXTRA_CA_CERTS: cert } });
    expect(out).toMatch(/^PASS \d+ passed, 1 warned/m);
  });

  const SELF_SIGNED =
    /^its certificate is self-signed, so the main app refuses it; get one from a public authority, or for a test set/;
  test.each([
    ["self-signed", "localhost", 1, false, SELF_SIGNED],
    ["expired", "localhost", -1, true, /^its certificate has expired, so the main app refuses it; renew it$/],
    [
      "for another host",
      "other.test",
      1,
      true,
      /^its certificate is for another host; use a name that the certificate has: DNS:other.test$/,
    ],
  ])("says that a certificate is %s", async (_, host, days, isTrusted, expected) => {
    const files = certificate(host, days);
    using tls = await startTls(files, 9);
    const env: Record<string, string> = isTrusted ? { NODE_EXTRA_CA_CERTS: files.cert } : {};
    expect(await obstacle(`https://${tls.host}/`, env)).toMatch(expected);
  });

  test("says that a TLS server was asked without TLS", async () => {
    using tls = await startTls(certificate("localhost", 1), 9);
    expect(await obstacle(`http://${tls.host}/`)).toBe("a TLS server listens there; begin the URL with https://");
  });
});

test("says that a TLS server answered with an alert", async () => {
  const server = createPlainServer((socket) => socket.once("data", () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 70]))));
  using tls = await listening(server);
  expect(await obstacle(`http://${tls.host}/`)).toBe("a TLS server listens there; begin the URL with https://");
});

test("says that a server without TLS was asked with TLS", async () => {
  await using webhook = await startWebhook();
  const said = await obstacle(`https://${webhook.url.host}/`);
  expect(said).toBe("the server there does not speak TLS; begin the URL with http://");
});

test("says that the connection was closed before TLS was agreed on", async () => {
  using closing = await listening(createPlainServer((socket) => socket.once("data", () => socket.destroy())));
  const said =
    "the connection was closed before TLS was agreed on; if the server has no certificate, begin the URL with http://";
  expect(await obstacle(`https://${closing.host}/`)).toBe(said);
});

test("a server that closes every connection is not said to speak TLS", async () => {
  using closing = await listening(createPlainServer((socket) => socket.once("data", () => socket.destroy())));
  const { code, out } = await cli(["send", `http://${closing.host}/`, "hi"]);
  expect(out).toContain("the connection was closed without an answer");
  expect(code).toBe(1);
});
