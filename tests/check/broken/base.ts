/**
 * A webhook that keeps the contract: the checker must find no fault in it. Written on plain node:http from the docs alone,
 * without a line of the project's webhook. Replacing one of its behaviours makes a broken webhook.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { constants, createGzip } from "node:zlib";

export const SECRET = "whsec_of_the_test_webhook";

export interface Payload {
  event: string;
  app: { id: string; name?: string };
  thread: { id: string; customer_id?: string | null };
  message: { content: string; content_json?: unknown };
  history_tail?: { role: string; content: string }[];
}

export type Refusal = [status: number, code: string];
type Request = IncomingMessage;
type Answer = ServerResponse;

export interface Behaviour {
  secret: string;
  maxBytes: number;
  toleranceSeconds: number;
  /** Called first. True if it has answered. */
  first(this: Behaviour, request: Request, answer: Answer): boolean;
  contentTypeOk(this: Behaviour, request: Request): boolean;
  read(this: Behaviour, request: Request): Promise<Buffer | "too large" | "broken off">;
  verify(this: Behaviour, request: Request, body: Buffer): Refusal | undefined;
  header(this: Behaviour, request: Request, name: string): string | string[] | undefined;
  timestampOk(this: Behaviour, timestamp: string): Refusal | undefined;
  signatureDigits(this: Behaviour, signature: string): string | undefined;
  digest(this: Behaviour, timestamp: string, body: Buffer): Buffer;
  matches(this: Behaviour, digits: string, expected: Buffer): boolean;
  forms(this: Behaviour, body: Buffer): Buffer[];
  escape(this: Behaviour, text: string): string;
  parse(this: Behaviour, body: Buffer): unknown;
  invalid(this: Behaviour, value: Payload): string | undefined;
  reply(this: Behaviour, payload: Payload, request: Request): string | Promise<string>;
  wantsStream(this: Behaviour, request: Request, payload: Payload): boolean;
  json(this: Behaviour, answer: Answer, reply: string, request: Request): void;
  streamHeaders: Record<string, string>;
  stream(this: Behaviour, answer: Answer, reply: string): Promise<void>;
  event(this: Behaviour, type: string, data: object): string;
  refuse(this: Behaviour, answer: Answer, refusal: Refusal, request: Request): void;
  brokenOff(this: Behaviour, server: Server): void;
  failed(this: Behaviour, answer: Answer, error: unknown, server: Server): void;
  /** The server that accepts the connections: the HTTP server itself, or one before it. */
  before(this: Behaviour, server: Server): NetServer;
}

const ALLOW = { "/": "GET, POST", "/stream": "POST" } as Record<string, string>;

export const correct: Behaviour = {
  secret: SECRET,
  maxBytes: 1_048_576,
  toleranceSeconds: 300,

  first(request, answer) {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const allow = ALLOW[path];
    if (!allow) this.refuse(answer, [404, "not_found"], request);
    else if (request.method === "GET" && path === "/")
      answer.setHeader("content-type", "text/plain").end("This webhook is up.\n");
    else if (request.method !== "POST") this.refuse(answer.setHeader("allow", allow), [405, "method_not_allowed"], request);
    else return false;
    return true;
  },

  contentTypeOk(request) {
    return /^application\/json *(;|$)/i.test(request.headers["content-type"] ?? "");
  },

  read(request) {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let size = 0;
      request.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > this.maxBytes) resolve("too large");
        else chunks.push(chunk);
      });
      request.on("end", () => resolve(Buffer.concat(chunks)));
      request.on("error", () => resolve("broken off"));
    });
  },

  verify(request, body) {
    if (!this.secret) return undefined;
    const signature = this.header(request, "x-signature");
    const timestamp = this.header(request, "x-timestamp");
    if (!signature) return [401, "signature_missing"];
    if (!timestamp) return [401, "timestamp_missing"];
    const digits = typeof signature === "string" ? this.signatureDigits(signature) : undefined;
    if (!digits) return [401, "signature_malformed"];
    if (typeof timestamp !== "string") return [401, "timestamp_malformed"];
    const untimely = this.timestampOk(timestamp);
    if (untimely) return untimely;
    const known = this.forms(body).some((form) => this.matches(digits, this.digest(timestamp, form)));
    return known ? undefined : [401, "signature_mismatch"];
  },

  header(request, name) {
    const values = request.headersDistinct[name];
    return values?.length === 1 ? values[0] : values;
  },

  timestampOk(timestamp) {
    if (!/^[0-9]{1,12}$/.test(timestamp)) return [401, "timestamp_malformed"];
    const age = Math.floor(Date.now() / 1000) - Number(timestamp);
    return Math.abs(age) > this.toleranceSeconds ? [401, "timestamp_outside_tolerance"] : undefined;
  },

  signatureDigits(signature) {
    return /^sha256=([0-9a-f]{64})$/i.exec(signature)?.[1];
  },

  digest(timestamp, body) {
    return createHmac("sha256", this.secret).update(timestamp).update(".").update(body).digest();
  },

  matches(digits, expected) {
    return timingSafeEqual(Buffer.from(digits, "hex"), expected);
  },

  forms(body) {
    const text = body.toString("utf8");
    const withoutSpace = text.replace(/("(?:\\.|[^"\\])*")|\s+/gs, (_, string) => string ?? "");
    return [body, Buffer.from(this.escape(text)), Buffer.from(this.escape(withoutSpace))];
  },

  escape(text) {
    return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  },

  parse(body) {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  },

  invalid(value) {
    const isText = (text: unknown) => typeof text === "string";
    const isObject = (object: unknown) => typeof object === "object" && object !== null && !Array.isArray(object);
    if (!isObject(value)) return "payload_invalid";
    if (isText(value.event) && value.event !== "message_received") return "event_unsupported";
    const whole = isText(value.event) && isText(value.app?.id) && isText(value.thread?.id) && isObject(value.message);
    return whole && isText(value.message.content) ? undefined : "payload_invalid";
  },

  reply({ message }) {
    return `You said: ${message.content}`;
  },

  wantsStream(request, { thread }) {
    return request.url === "/stream" && !/^[0-]+$/.test(thread.id);
  },

  json(answer, reply) {
    answer.setHeader("content-type", "application/json; charset=utf-8");
    answer.end(JSON.stringify({ reply: clean(reply) }));
  },

  streamHeaders: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform" },

  async stream(answer, reply) {
    answer.writeHead(200, this.streamHeaders);
    const write = (text: string) => new Promise<void>((resolve) => answer.write(text, () => setTimeout(resolve, 1)));
    await write(": hello\n\n");
    const characters = [...clean(reply)];
    while (characters.length > 0 && !answer.destroyed)
      await write(this.event("delta", { text: characters.splice(0, 70).join("") }));
    await sleep(20);
    answer.end(this.event("done", { status: "completed" }));
  },

  event(type, data) {
    return `event: ${type}\ndata: ${this.escape(JSON.stringify(data))}\n\n`;
  },

  refuse(answer, [status, code]) {
    answer.statusCode = status;
    answer.setHeader("content-type", "application/problem+json");
    answer.end(JSON.stringify({ code, detail: "Refused.", status }));
  },

  brokenOff() {},

  failed(answer) {
    answer.writeHead(500).end();
  },

  before(server) {
    return server;
  },
};

/** Compresses the stream, and flushes each event, as an application with the compression on does. */
export const compressedStream: Partial<Behaviour> = {
  async stream(answer, reply) {
    const gzip = createGzip();
    gzip.pipe(answer.writeHead(200, { ...this.streamHeaders, "content-encoding": "gzip" }));
    const write = (text: string) =>
      new Promise<void>((resolve) => {
        gzip.write(text);
        gzip.flush(constants.Z_SYNC_FLUSH, () => setTimeout(resolve, 1));
      });
    await write(": hello\n\n");
    const characters = [...clean(reply)];
    while (characters.length > 0 && !answer.destroyed)
      await write(this.event("delta", { text: characters.splice(0, 70).join("") }));
    await sleep(20);
    gzip.end(this.event("done", { status: "completed" }));
  },
};

export function clean(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}

/** Serves `behaviour` on a free port of 127.0.0.1. */
export async function startWebhook(changes: Partial<Behaviour> = {}): Promise<RunningWebhook> {
  const behaviour: Behaviour = { ...correct, ...changes };
  const server: Server = createServer((request, answer) => {
    handle(behaviour, server, request, answer).catch((error) => behaviour.failed(answer, error, server));
  });
  const accepting = behaviour.before(server);
  await new Promise<void>((resolve) => accepting.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(accepting.address() as AddressInfo).port}/`);
  return {
    url,
    stream: new URL("/stream", url),
    secret: behaviour.secret,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      if (accepting.listening) await new Promise((resolve) => accepting.close(resolve));
    },
  };
}

export interface RunningWebhook extends AsyncDisposable {
  readonly url: URL;
  readonly stream: URL;
  readonly secret: string;
}

async function handle(behaviour: Behaviour, server: Server, request: Request, answer: Answer): Promise<void> {
  const refuse = (status: number, code: string) => behaviour.refuse(answer, [status, code], request);
  if (behaviour.first(request, answer)) return;
  if (!behaviour.contentTypeOk(request)) return refuse(415, "content_type_unsupported");

  const body = await behaviour.read(request);
  if (body === "broken off") return behaviour.brokenOff(server);
  if (body === "too large") {
    answer.setHeader("connection", "close");
    return refuse(413, "body_too_large");
  }
  const refusal = behaviour.verify(request, body);
  if (refusal) return refuse(...refusal);

  let payload: Payload;
  try {
    payload = behaviour.parse(body) as Payload;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return refuse(400, "body_not_json");
    throw error;
  }
  const invalid = behaviour.invalid(payload);
  if (invalid) return refuse(422, invalid);

  const reply = await behaviour.reply(payload, request);
  if (behaviour.wantsStream(request, payload)) await behaviour.stream(answer, reply);
  else behaviour.json(answer, reply, request);
}
