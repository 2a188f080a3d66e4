import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "../../shared/app.ts";
import { executionContext } from "../../shared/execution-context.ts";
import { consoleLog, describeError, type LogRecord } from "../../shared/log.ts";
import { startupLines } from "../../shared/pages/startup-lines.ts";
import { reply as partnersReply } from "../../shared/reply.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { readSettings } from "../../shared/settings.ts";
import { GONE_MS, GRACE_MS, LAST_EVENT_MS } from "../../shared/time-line.ts";

/** Both loopback addresses: the main app connects to the name localhost, its smoke test to 127.0.0.1. */
const ADDRESSES = ["127.0.0.1", "::1"];
const CUT_OFF: LogRecord = {
  level: "error",
  event: "reply",
  code: "cut_off",
  message: "An answer was still being sent when the server stopped. Its reader got a part of it.",
};
const NO_SUCH_ADDRESS = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/** Serves the webhook on both loopback addresses until SIGINT or SIGTERM. */
export async function serveWebhook(env: NodeJS.ProcessEnv, reply: Reply = partnersReply): Promise<void> {
  const port = Number(env.PORT || 8081);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return fail(`PORT must be a number from 1 to 65535.`);

  const settings = readSettings(env, reply);
  const answers = new WorkSet();
  const open = new Set<ServerResponse>();
  const background = new WorkSet();
  const stopping = new AbortController();
  const appEnv = { LOG_FORMAT: "text", ...env };
  const log = consoleLog(appEnv.LOG_FORMAT);
  const app = createApp({ env: appEnv, log, reply, stopping: stopping.signal });
  const context = executionContext((work) => background.add(work));
  const listener = getRequestListener((request) => app.fetch(request, {}, context));

  // The server outlives its log: a reader that goes away, such as head, breaks the pipe and not the webhook.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

  const servers: Server[] = [];
  let isStopping = false;
  const stop = async (exitCode: number) => {
    if (isStopping) return;
    isStopping = true;
    // A second Ctrl-C means now.
    process.once("SIGINT", () => process.exit(1));
    // Not http's own close: it breaks off an answer that was handed over and is still being sent.
    for (const server of servers) NetServer.prototype.close.call(server);
    setTimeout(() => stopping.abort(), GRACE_MS).unref();
    await Promise.race([answers.empty(), delay(GONE_MS)]);
    // A text that is being stored is not dropped, nor is a deferred reply. Each has a limit of its own.
    await background.empty();
    await Promise.race([answers.empty(), delay(LAST_EVENT_MS)]);
    for (const { headersSent, writableFinished } of open) if (headersSent && !writableFinished) log(CUT_OFF);
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"]) process.on(signal, () => stop(0));

  // Reply logic that forgets to await a promise, or throws in a timer, fails outside of any request.
  const failed = (error: unknown) => log({ level: "error", event: "reply", code: "unhandled", message: describeError(error) });
  process.on("unhandledRejection", failed);
  // After an exception nobody knows what state the process is in: replies under way end, and it is to be started again.
  process.on("uncaughtException", (error) => {
    failed(error);
    stop(1);
  });

  for (const address of ADDRESSES) {
    const server = createServer((incoming, outgoing) => {
      open.add(outgoing);
      // An answer is over when its last byte has left, which can be long after the listener has handed it over.
      const closed = once(outgoing, "close").then(() => open.delete(outgoing));
      answers.add(Promise.all([listener(incoming, outgoing), closed]));
    });
    const error = await listening(server, port, address);
    if (!error) servers.push(server);
    else if (error.code === "EADDRINUSE")
      return fail(`Port ${port} is in use. Stop what uses it, or choose another: PORT=8083 node server.mjs`);
    else if (!NO_SUCH_ADDRESS.includes(error.code ?? ""))
      return fail(`Cannot listen on ${address}, port ${port}: ${error.code}.`);
  }
  for (const line of startupLines(`http://localhost:${port}`, settings)) console.log(line);
}

/** Work under way. */
class WorkSet {
  readonly #underWay = new Set<Promise<unknown>>();

  add(work: Promise<unknown>): void {
    const entry = work.catch(() => {}).finally(() => this.#underWay.delete(entry));
    this.#underWay.add(entry);
  }

  /** Resolves once nothing is under way. */
  async empty(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }
}

/** Resolves once the server listens, with the error if it cannot. */
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
