import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { freePort, portInUse } from "../../local/dev/port.ts";
import { exchangeOnce } from "../../local/http/connection.ts";
import { LIMITS } from "../../local/http/limits.ts";
import { mainAppRequest, signedNow, wireBytes } from "../../local/sender/outgoing-request.ts";
import { mainAppPayload } from "../../local/sender/payload.ts";
import { SECRET, startWebhook } from "./broken/base.ts";
import { cli, type Running, startCli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Listening extends Running {
  readonly url: URL;
}

async function startListener(...args: string[]): Promise<Listening> {
  return listenerWith({ WEBHOOK_SECRET: SECRET }, ...args);
}

async function listenerWith(env: Record<string, string>, ...args: string[]): Promise<Listening> {
  const port = await freePort();
  const running = startCli(["explain", "--listen", String(port), ...args], { env: { ...env, TMPDIR: folder } });
  await running.printed(/Ctrl-C ends it\.\n/);
  return { ...running, url: new URL(`http://localhost:${port}/`) };
}

/** A webhook that answers as `answer` says, and what arrived there. */
async function startServer(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer(async (request, response) => answer(request, response, await text(request).catch(() => "")));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A webhook that writes these bytes as its answer to everything. */
async function startRaw(answer: string) {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answer, "latin1"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** The bytes of a message as the main app sends it, signed now. */
function message(url: URL, content = "café", secret = SECRET): Buffer {
  const payload = mainAppPayload({ content });
  const parts = { url, body: [JSON.stringify(payload)], appId: payload.app.id, threadId: payload.thread.id, signed: true };
  return wireBytes(signedNow(mainAppRequest(parts), secret), secret);
}

const send = (url: URL, bytes = message(url)) =>
  exchangeOnce(url, bytes, "POST", { idleMs: 10_000, totalMs: 20_000, limits: LIMITS });

const ODD_HEADERS = ["x-Odd-CASE: 1", "Set-Cookie: a=1", "set-cookie: b=2", "Content-Length: 2"];

describe("explain --listen", () => {
  test("shows whether the signature holds, and passes the message and its answer on", async () => {
    await using webhook = await startWebhook();
    await using listener = await startListener("--to", webhook.url.href);
    const { answer } = await send(listener.url);
    expect([answer?.status, Buffer.from(answer?.body ?? []).toString()]).toEqual([200, '{"reply":"You said: café"}']);
    await listener.printed(/^#1 \d{4}-\d\d-\d\dT[\d:.]+Z POST \/, \d+ bytes\n {2}The signature is good: .*\n {2}· .*as UTF-8/m);
    await listener.printed(/^#1 200 application\/json; charset=utf-8 from http:\/\/127\.0\.0\.1:\d+\/ \(head after \d+ ms/m);

    const refused = await send(listener.url, message(listener.url, "hi", `"${SECRET}"`));
    expect(refused.answer?.status).toBe(401);
    await listener.printed(/^#2 .*\n {2}A webhook refuses this request\.\n {2}✗ the sender's secret has quotes around it\n/m);
    await listener.printed(/^#2 401 application\/problem\+json/m);

    await send(listener.url, message(listener.url, "hi", "a wrong one"));
    await listener.printed(
      /^#3 .*\n {2}A webhook refuses.*\n {2}None of \d+ .*\n {2}So it was signed with another secret, or something/m,
    );
  });

  test("passes on the same bytes: only Host changes, and a path of --to replaces the path", async () => {
    const seen: { path: string | undefined; headers: string[]; body: string }[] = [];
    await using server = await startServer(({ url, rawHeaders }, response, body) => {
      seen.push({ path: url, headers: rawHeaders, body });
      response.sendDate = false;
      response.removeHeader("connection");
      response
        .writeHead(
          201,
          "Made",
          ODD_HEADERS.flatMap((line) => line.split(": ")),
        )
        .end("ok");
    });
    for (const [to, path] of [
      [server.url, "/there?x=%20y"],
      [`${server.url}stream?a=b`, "/stream?a=b"],
    ] as const) {
      await using listener = await startListener("--to", to);
      const url = new URL("/there?x=%20y", listener.url);
      const bytes = message(url);
      const { answer } = await send(url, bytes);
      const [head = "", body] = bytes.toString().split("\r\n\r\n");
      const headers = head
        .split("\r\n")
        .slice(1)
        .flatMap((line) => line.split(/: (.*)/s, 2));
      headers[1] = new URL(server.url).host;
      expect(seen.pop()).toEqual({ path, headers, body });
      expect(answer?.headers.map((header) => header.join(": "))).toEqual(ODD_HEADERS);
      expect([answer?.status, Buffer.from(answer?.body ?? []).toString()]).toEqual([201, "ok"]);
    }
  });

  test.each([
    ["a head with bare line feeds", "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 16\n\n"],
    ["Content-Length twice", "HTTP/1.1 200 OK\r\nContent-Length: 16\r\nContent-Length: 16\r\n\r\n"],
    ["a list as Content-Length", "HTTP/1.1 200 OK\r\nContent-Length: 16, 16\r\n\r\n"],
    [
      "Content-Length together with chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 16\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n",
      "\r\n0\r\n\r\n",
    ],
    ["no length at all", "HTTP/1.0 200 OK\r\n\r\n"],
  ])("passes on what the main app can read: %s", async (_, head, tail = "") => {
    await using webhook = await startRaw(`${head}{"reply":"Helo"}${tail}`);
    await using listener = await startListener("--to", webhook.url);
    const { answer, failure } = await send(listener.url);
    expect([failure, answer?.status, Buffer.from(answer?.body ?? []).toString()]).toEqual([undefined, 200, '{"reply":"Helo"}']);
  });

  test("passes on a body of 9 MB, a compressed body as it is, and a message that came in chunks", async () => {
    const large = Buffer.alloc(9_000_000, "x");
    const packed = gzipSync('{"reply":"packed"}');
    await using server = await startServer(({ url }, response, body) => {
      if (url === "/large") response.end(large);
      else if (url === "/packed") response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
      else response.end(body);
    });
    await using listener = await startListener("--to", server.url);
    const get = async (path: string, body?: string) => {
      const asked = request(new URL(path, listener.url), { method: "POST", headers: { "transfer-encoding": "chunked" } });
      if (body) asked.write(body);
      const [answer] = (await once(asked.end(), "response")) as [IncomingMessage];
      return buffer(answer);
    };
    expect((await get("/large")).equals(large)).toBe(true);
    expect((await get("/packed")).equals(packed)).toBe(true);
    expect(String(await get("/", '{"a":1}'))).toBe('{"a":1}');
  });

  test.each([
    ["HTTP/1.1 099 Low\r\n\r\n", "the main app cannot read the answer: its status line is: HTTP/1.1 099 Low"],
    ["SSH-2.0-OpenSSH\r\n", "the main app cannot read the answer: it does not begin with HTTP/1.1, but with: SSH-2"],
  ])("says in words why an answer is not passed on: %j", async (bytes, words) => {
    await using webhook = await startRaw(bytes);
    await using listener = await startListener("--to", webhook.url);
    const { answer } = await send(listener.url);
    expect([answer?.status, Buffer.from(answer?.body ?? []).toString()]).toEqual([502, expect.stringContaining(words)]);
    await listener.printed(new RegExp(`^#1 no answer from .*: ${words}`, "m"));
  });

  test("says in words that the webhook does not speak TLS", async () => {
    await using webhook = await startRaw("HTTP/1.1 400 Bad Request\r\n\r\n");
    await using listener = await startListener("--to", webhook.url.replace("http:", "https:"));
    expect((await send(listener.url)).answer?.status).toBe(502);
    await listener.printed(/^#1 no answer from .*: the server there does not speak TLS; begin the URL with http:\/\/$/m);
  });

  test("passes a stream on as it arrives", async () => {
    const arrived = new Map<string, PromiseWithResolvers<void>>(
      ["head", "one"].map((piece) => [piece, Promise.withResolvers<void>()]),
    );
    await using server = await startServer(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      await arrived.get("head")?.promise;
      response.write("one");
      await arrived.get("one")?.promise;
      response.end("two");
    });
    await using listener = await startListener("--to", server.url);
    const asked = request(listener.url, { method: "POST" }).end("{}");
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    arrived.get("head")?.resolve();
    const pieces: string[] = [];
    for await (const piece of answer) {
      pieces.push(String(piece));
      arrived.get("one")?.resolve();
    }
    expect(pieces).toEqual(["one", "two"]);
  });

  test("explains after the answer is on its way, and holds up no other message meanwhile", async () => {
    await using server = await startServer((_, response) => response.end("{}"));
    await using listener = await startListener("--to", server.url);
    const explanation = listener.printed(/None of \d+ combinations/).then(() => "explained");
    const answered = async (bytes: Buffer) => `answered ${(await send(listener.url, bytes)).answer?.status}`;
    const large = message(listener.url, "é/1 ".repeat(48_000), "a wrong one");
    expect(await Promise.race([answered(large), explanation])).toBe("answered 200");
    expect(await Promise.race([answered(message(listener.url)), explanation])).toBe("answered 200");
    await listener.printed(/^#1 .*\n {2}A webhook refuses[\s\S]*^#2 .*\n {2}The signature is good/m);
  });

  test("names the URL that it asked, and makes no folder before there is a message to save", async () => {
    await using server = await startServer((_, response) => response.end("{}"));
    const before = readdirSync(folder);
    await using listener = await startListener("--to", server.url);
    expect(readdirSync(folder)).toEqual(before);
    await send(new URL("/slow?a=b", listener.url), message(new URL("/slow?a=b", listener.url)));
    await listener.printed(new RegExp(`^#1 200 .* from ${server.url}slow\\?a=b \\(head`, "m"));
    expect(readdirSync(folder)).toHaveLength(before.length + 1);
  });

  test("aborts the request to the webhook if the caller hangs up", async () => {
    const arrived = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    await using server = await startServer((_, response) => {
      response.once("close", () => aborted.resolve());
      arrived.resolve();
    });
    await using listener = await startListener("--to", server.url);
    const asked = request(listener.url, { method: "POST" })
      .on("error", () => {})
      .end("{}");
    await arrived.promise;
    asked.destroy();
    await aborted.promise;
    await listener.printed(/^#1 no answer from .*: the caller hung up, so the request to the webhook was aborted$/m);
  });

  test("answers 502 with a sentence if the webhook is down or closes the connection", async () => {
    await using down = await startListener("--to", `http://127.0.0.1:${await freePort()}/`);
    const { answer } = await send(down.url);
    expect([answer?.status, Buffer.from(answer?.body ?? []).toString()]).toEqual([
      502,
      expect.stringMatching(
        /^\{"detail":"There is no answer from http:\/\/127\.0\.0\.1:\d+\/: nothing listens there \(connection refused\)\."\}$/,
      ),
    ]);
    await down.printed(/^#1 no answer from http.*: nothing listens there \(connection refused\)$/m);

    await using server = await startServer((asked) => asked.socket.destroy());
    await using closing = await startListener("--to", server.url);
    expect((await send(closing.url)).answer?.status).toBe(502);
    await closing.printed(/^#1 no answer from .*: the connection was closed without an answer$/m);
  });

  test("breaks the answer off where the webhook does", async () => {
    await using server = await startServer((asked, response) => {
      response.writeHead(200, { "content-length": "100" }).write("half", () => asked.socket.destroy());
    });
    await using listener = await startListener("--to", server.url);
    expect((await send(listener.url)).failure?.kind).toBe("closed");
    await listener.printed(/^#1 200 .*: the connection was closed inside the answer$/m);
  });

  test("without --to, answers with a reply that says that it only listens", async () => {
    await using listener = await startListener();
    const { answer } = await send(listener.url);
    expect(answer?.status).toBe(200);
    expect(JSON.parse(Buffer.from(answer?.body ?? []).toString())).toEqual({
      reply: expect.stringContaining("It only listens: with --to URL"),
    });
  });

  test("saves each message so that the command it prints explains it again", async () => {
    await using listener = await startListener();
    const url = new URL(listener.url);
    [url.username, url.password] = ["user", "the password"];
    const bytes = message(url, "é");
    await send(listener.url, bytes);
    const [, args = ""] = await listener.printed(/^ {2}Again: npx \S.*? (explain .*)$/m);
    const [, body = "", , headers = ""] = args.split(" ");
    expect(readFileSync(body, "utf8")).toBe(bytes.toString().split("\r\n\r\n")[1]);
    expect(readFileSync(headers, "utf8")).toMatch(
      /^Host: .*\nAccept: .*\n[\s\S]*\nX-Signature: sha256=[0-9a-f]{64}\n[\s\S]*Authorization: \*\*\*\n$/,
    );
    expect(statSync(dirname(body)).mode & 0o077).toBe(0);
    const { code, out } = await cli(args.split(" "), { env: { WEBHOOK_SECRET: SECRET } });
    expect([code, out]).toEqual([0, expect.stringMatching(/^The signature is good/)]);
  });

  test("knows the secrets of many Apps by X-App-Id, and shows none", async () => {
    const appId = "5b1f6a52-57d8-4a6e-9d1c-1f0c1b2a3d4e";
    const WEBHOOK_SECRETS = JSON.stringify({ [appId]: SECRET, other: "secret of another" });
    await using listener = await listenerWith({ WEBHOOK_SECRETS });
    await send(listener.url);
    await listener.printed(new RegExp(`^ {2}· the request was signed with the secret of App ${appId} in`, "m"));
    await send(listener.url, message(listener.url, "it is not secret of another"));
    await listener.printed(/Not saved, because the secret is in its body\.\n/);
    const [, args = ""] = await listener.printed(/ (explain \S+\/1\.json .*)/);
    const { code, out } = await cli(args.split(" "), { env: { WEBHOOK_SECRETS } });
    expect([code, out]).toEqual([0, expect.stringContaining(`App ${appId}`)]);
    await send(listener.url, message(listener.url, "hi", "secret of another"));
    await listener.printed(/^ {2}✗ the request was signed with the secret of App other in .* names another one$/m);
    expect((await listener.printed(/[\s\S]*/))[0]).not.toMatch(/secret of another/);
  });

  test("never saves or shows the secret, and keeps the last 20 messages", async () => {
    await using listener = await startListener();
    await send(new URL(`/?${SECRET}`, listener.url), message(new URL(`/?${SECRET}`, listener.url), `it is ${SECRET}`));
    await listener.printed(/^#1 .* POST \/\?\$SECRET, [\s\S]*Not saved, because the secret is in its body\.\n/m);
    for (let i = 0; i < 21; i++) await send(listener.url);
    const [, args = ""] = await listener.printed(/Again: npx \S.*? explain (\S+22\.json .*)/);
    const saved = readdirSync(dirname(args.split(" ")[0] ?? ""));
    expect(saved).toHaveLength(40);
    expect(saved).not.toContain("2.json");
    const [all] = await listener.printed(/[\s\S]*/);
    expect(all).not.toContain(SECRET);
  });

  test("goes on if it cannot save, and if an answer cannot be passed on", async () => {
    await using webhook = await startRaw("HTTP/1.1 200 OK\r\nX-Odd: \x01\r\nContent-Length: 0\r\n\r\n");
    await using listener = await startListener("--to", webhook.url);
    expect((await send(listener.url)).answer?.status).toBe(502);
    await listener.printed(/^#1 no answer from .*: it cannot be passed on \(Invalid character in header content .*\)$/m);
    const [, saved = ""] = await listener.printed(/ explain (\S+)\/1\.json /);
    rmSync(saved, { recursive: true });
    expect((await send(listener.url)).answer?.status).toBe(502);
    await listener.printed(/^ {2}Not saved, because \S+ cannot be written \(ENOENT\)\.$/m);
  });

  test("refuses a body over 8 MiB", async () => {
    await using listener = await startListener();
    const asked = request(listener.url, { method: "POST" }).on("error", () => {});
    asked.end(Buffer.alloc(8_388_609, " "));
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    expect([answer.statusCode, await text(answer)]).toEqual([413, expect.stringContaining("at most 8388608 bytes here")]);
  });

  test("says that the caller hung up inside its body", async () => {
    await using listener = await startListener();
    const socket = connect(Number(listener.url.port), "127.0.0.1");
    socket.end("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{}");
    await listener.printed(/^#1 .* POST \/: the caller hung up inside its body$/m);
  });

  test("listens on loopback by each of its names, and Ctrl-C ends it", async () => {
    await using listener = await startListener();
    const { port } = listener.url;
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      expect((await fetch(`http://${host}:${port}/`, { method: "POST", body: "{}" })).status).toBe(200);
    }
    expect(await listener.stop("SIGINT")).toBe(130);
    expect(await portInUse(Number(port))).toBe(false);
  });

  test("says that the port is in use, and names another", async () => {
    await using listener = await startListener();
    const port = Number(listener.url.port);
    const { code, err } = await cli(["explain", "--listen", String(port), "--secret", "s"]);
    expect(err).toMatch(new RegExp(`^Port ${port} is in use\\. Stop .* another: npx \\S.* explain --listen ${port + 1}\n$`));
    expect(code).toBe(2);
  });

  test.each([
    [["--listen", "8083", "--to", "http://localhost:8083/stream"], "--to is the address on which --listen listens."],
    ...["0.0.0.0", "[::]", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"].map((host): [string[], string] => {
      return [["--listen", "8083", "--to", `http://${host}:8083/`], "--to is the address on which --listen listens."];
    }),
    [["--listen", "80", "--to", "http://localhost/"], "--to is the address on which --listen listens."],
    [["--listen", "8083", "--to", "http://user:pw@localhost:8081/"], "--to must have no user name"],
    [["--listen", "body.json"], "It must be a port, from 1 to 65535."],
    [["--listen", "8083", "body.json"], "--listen takes no file"],
    [["--listen", "--at", "1"], "cannot be used with option '--at <seconds>'"],
    [["body.json", "--to", "http://localhost:8081/"], "--to needs --listen"],
    [[], "missing argument 'file'"],
  ])("a wrong command line is reported in one sentence: %j", async (args, words) => {
    const { code, err } = await cli(["explain", ...args, "--secret", "s"]);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).not.toContain("    at ");
  });
});
