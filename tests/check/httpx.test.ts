import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { exchangeOnce } from "../../local/http/connection.ts";
import type { Exchange } from "../../local/http/exchange.ts";
import { LIMITS } from "../../local/http/limits.ts";
import { mainAppRequest } from "../../local/sender/outgoing-request.ts";
import { type Case, cases, type Recorded, userInfos } from "./httpx/cases.ts";

const recorded: Recorded = JSON.parse(readFileSync(new URL("../vectors/httpx-answers.json", import.meta.url), "utf8"));

/** Sends a request to a server that gives this raw answer. */
async function exchanged({ method, parts }: Case): Promise<Exchange> {
  const server = createServer(async (socket) => {
    socket.setNoDelay(true).on("error", () => {});
    await once(socket, "data");
    for (const part of parts) {
      socket.write(part);
      // In one turn of the event loop, the part arrives; in the next, the other side has read it.
      await turn();
      await turn();
    }
    socket.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const request = Buffer.from(`${method} / HTTP/1.1\r\nHost: ${url.host}\r\nContent-Length: 0\r\n\r\n`);
  try {
    return await exchangeOnce(url, request, method, { idleMs: 5000, totalMs: 5000, limits: LIMITS });
  } finally {
    server.close();
  }
}

test.concurrent.each(cases)("reads as httpx reads: $name", async (answer) => {
  const { answer: read, failure } = await exchanged(answer);
  const error = failure?.kind === "undecodable" ? "DecodingError" : "RemoteProtocolError";
  expect({
    ...(read && { status: read.status, pieces: read.pieces.map(({ bytes }) => Buffer.from(bytes).toString("latin1")) }),
    ...(failure && { error }),
  }).toEqual(recorded.answers[answer.name]);
});

test.each(userInfos)("authorizes as httpx does: %s", (userInfo) => {
  const url = new URL(`http://${userInfo}@localhost/`);
  const headers = new Map(mainAppRequest({ url, body: ["{}"], signed: false }).headers);
  expect(headers.get("Authorization")).toBe(recorded.authorizations[userInfo]);
});
