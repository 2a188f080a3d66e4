import type { AppFields } from "../store/records.ts";
import { PageError } from "./page-error.ts";
import { BREAKS, type Break, type Sending } from "./protocol.ts";

const MODES = ["webhook", "simulator"];
const DEFAULT_LIMIT = 50;
const MOST_MESSAGES = 200;

type Body = Record<string, unknown>;

/** The text of a field; undefined if it is missing. Throws a {@link PageError}. */
function textIn(body: Body, name: string, shown: string): string | undefined {
  const value = body[name];
  if (value === undefined || typeof value === "string") return value;
  throw new PageError(400, `${shown} must be a text.`);
}

/** What is to change in an App. Throws a {@link PageError}. */
export function appFieldsOf(body: Body): Partial<AppFields> {
  const name = textIn(body, "name", "The name");
  if (name?.trim() === "") throw new PageError(400, "Give the App a name.");
  const mode = textIn(body, "mode", "The mode");
  if (mode !== undefined && !MODES.includes(mode)) throw new PageError(400, "The mode must be webhook or simulator.");
  const webhookUrl = textIn(body, "webhookUrl", "The webhook's URL");
  const secret = textIn(body, "secret", "The secret");
  return {
    ...(name !== undefined && { name }),
    ...(mode !== undefined && { mode }),
    ...(webhookUrl !== undefined && { webhookUrl: webhookUrl || null }),
    ...(secret !== undefined && { secret: secret || null }),
  };
}

/** Throws a {@link PageError}. */
export function sendingOf(body: Body): Sending {
  const text = textIn(body, "text", "The message") ?? "";
  if (text.trim() === "") throw new PageError(400, "Write a message first.");
  const { route = "stream" } = body;
  if (route !== "stream" && route !== "run") throw new PageError(400, "The route must be stream or run.");
  const kind = textIn(body, "break", "The break");
  if (kind !== undefined && !isBreak(kind)) throw new PageError(400, `There is no break ${kind}.`);
  return { text, route, ...(kind && { break: kind }) };
}

function isBreak(kind: string): kind is Break {
  return Object.hasOwn(BREAKS, kind);
}

/** How many messages a page of the chat has. */
export function limitOf(text = ""): number {
  const limit = Number(text);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, MOST_MESSAGES) : DEFAULT_LIMIT;
}
