import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "../../shared/app.ts";
import { systemClock } from "../../shared/clock.ts";
import type { PartnersReply } from "../../shared/define-reply.ts";
import { describeError } from "../../shared/error-text.ts";
import { executionContext } from "../../shared/execution-context.ts";
import { consoleLog, type LogRecord } from "../../shared/log.ts";
import { memoryStore } from "../../shared/once/memory.ts";
import { aboutOf, startupLines } from "../../shared/pages/startup-lines.ts";
import { withoutSecrets } from "../../shared/redact.ts";
import type { Env } from "../../shared/reply-types.ts";
import type { ReadBytes } from "../../shared/request/read.ts";
import { readSettings } from "../../shared/settings.ts";
import { GONE_MS, GRACE_MS, LAST_EVENT_MS } from "../../shared/time-line.ts";
import { readIncoming } from "./read-incoming.ts";

/** Both loopback addresses: the main app connects to `localhost`, its smoke test to 127.0.0.1. */
const ADDRESSES = ["127.0.0.1", "::1"];
const CUT_OFF: LogRecord = {
  level: "error",
  event: "reply",
  code: "cut_off",
  message: "An answer was still being sent when the server stopped. Its reader got a part of it.",
};
const NO_SUCH_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/**
 * Serves the webhook with this reply on both loopback addresses until SIGINT or SIGTERM. `env` may also have what the reply
 * needs and no environment variable can be, such as a database.
 */
export async function serveWebhook(env: Env, reply: PartnersReply): Promise<void> {
  const port = Number(env.PORT || 8081);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail(`PORT must be a number from 1 to 65535.`);

  const settings = readSettings(env, reply);
  const answers = new WorkSet();
  const openResponses = new Set<ServerResponse>();
  const background = new WorkSet();
  const stopping = new AbortController();
  const appEnv = { LOG_FORMAT: "text", ...env };
  const log = withoutSecrets(consoleLog(appEnv.LOG_FORMAT), env);
  const bodies = new WeakMap<Request, IncomingMessage>();
  const readBytes: ReadBytes = (request, most) => readIncoming(bodies.get(request) as IncomingMessage, most);
  const app = createApp({ env: appEnv, reply, stopping: stopping.signal, once: memoryStore(systemClock), readBytes });
  const context = executionContext((work) => background.add(work));
  const listener = getRequestListener((request, { incoming }) => {
    bodies.set(request, incoming as IncomingMessage);
    return app.fetch(request, {}, context);
  });

  // If the reader of the log exits, such as `head`, the pipe breaks, but the server must go on.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

  const servers: Server[] = [];
  let isStopping = false;
  const stop = async (exitCode: number) => {
    if (isStopping) return;
    isStopping = true;
    // A second Ctrl-C exits at once.
    process.once("SIGINT", () => process.exit(1));
    // Not `close` of node:http, which cuts off answers that are still being sent.
    for (const server of servers) NetServer.prototype.close.call(server);
    setTimeout(() => stopping.abort(), GRACE_MS).unref();
    await Promise.race([answers.empty(), delay(GONE_MS)]);
    // Replies that are being stored and deferred replies are not dropped. Each has its own time limit.
    await background.empty();
    await Promise.race([answers.empty(), delay(LAST_EVENT_MS)]);
    for (const { headersSent, writableFinished } of openResponses) if (headersSent && !writableFinished) log(CUT_OFF);
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"]) process.on(signal, () => stop(0));

  // Reply logic that does not await a promise, or that throws in a timer, fails outside of any request.
  const failed = (error: unknown) => log({ level: "error", event: "reply", code: "unhandled", message: describeError(error) });
  process.on("unhandledRejection", failed);
  // After an uncaught exception the process may be in any state, so it ends its replies and exits.
  process.on("uncaughtException", (error) => {
    failed(error);
    stop(1);
  });

  for (const address of ADDRESSES) {
    const server = createServer((incoming, outgoing) => {
      openResponses.add(outgoing);
      // An answer has ended when its last byte was sent, which can be long after the listener has returned.
      const closed = once(outgoing, "close").then(() => openResponses.delete(outgoing));
      answers.add(Promise.all([listener(incoming, outgoing), closed]));
    });
    const error = await listening(server, port, address);
    if (!error) servers.push(server);
    else if (error.code === "EADDRINUSE")
      return fail(`Port ${port} is in use. Stop what uses it, or choose another: PORT=8083 node server.mjs`);
    else if (!NO_SUCH_ADDRESS.includes(error.code ?? ""))
      return fail(`Cannot listen on ${address}, port ${port}: ${error.code}.`);
  }
  for (const line of startupLines(`http://localhost:${port}`, aboutOf(settings))) console.log(line);
}

/** Promises that have not settled yet. */
class WorkSet {
  readonly #pending = new Set<Promise<unknown>>();

  add(work: Promise<unknown>): void {
    const entry = work.catch(() => {}).finally(() => this.#pending.delete(entry));
    this.#pending.add(entry);
  }

  /** Resolves when nothing is pending. */
  async empty(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }
}

/** Resolves when the server listens, or with the error if it cannot. */
function listening(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ port, host, ipv6Only: host.includes(":") }, () => resolve(undefined));
  });
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
