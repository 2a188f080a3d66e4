import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Env, Reply } from "./reply-types.ts";

/** A reply and the schema of the environment that it needs. Made by {@link defineReply}. */
export interface DefinedReply<Needs extends StandardSchemaV1> {
  readonly needs: Needs;
  readonly reply: Reply<StandardSchemaV1.InferOutput<Needs>>;
}

// biome-ignore lint/suspicious/noExplicitAny: each reply has an environment of its own; `needs` checks it before the call
type AnyDefinedReply = DefinedReply<any>;

/** What `shared/reply.ts` may export: the function alone, or a reply with its needs. */
export type PartnersReply = Reply | AnyDefinedReply;

/**
 * A reply that needs settings. The schema is checked at start-up: each setting that is missing or wrong is named there, on the page,
 * and in the log of each message, which then gets the fallback text. An empty setting counts as missing. The schema also
 * gives `env` its type, and what it does not name is not in `env`. It can be of any library that knows Standard Schema
 * (https://standardschema.dev), and its checks must not be asynchronous.
 *
 * @example
 * ```ts
 * import * as v from "valibot";
 * import { defineReply } from "./define-reply.ts";
 *
 * export const reply = defineReply({
 *   needs: v.object({ SHOP_NAME: v.string(), SHOP_HOURS: v.optional(v.string(), "9:00 to 17:00") }),
 *   reply: ({ env }) => `Welcome to ${env.SHOP_NAME}. We are open ${env.SHOP_HOURS}.`,
 * });
 * ```
 */
export function defineReply<Needs extends StandardSchemaV1>(definition: DefinedReply<Needs>): DefinedReply<Needs> {
  return definition;
}

/** The function to call with any environment. If its needs are not met, it throws and names them. */
export function functionOf(reply: PartnersReply, env: Env): Reply {
  if (typeof reply === "function") return reply;
  const { value, unmet } = check(reply, env);
  if (unmet.length === 0) return (context) => reply.reply({ ...context, env: value });
  return () => {
    throw new Error(unmet.join(" "));
  };
}

/** A sentence about each setting that the reply needs and does not have. It never holds the setting's value. */
export function unmetNeeds(reply: PartnersReply, env: Env): readonly string[] {
  return typeof reply === "function" ? [] : check(reply, env).unmet;
}

function check(reply: AnyDefinedReply, env: Env): { value?: unknown; unmet: readonly string[] } {
  if (!reply?.needs) throw new TypeError("shared/reply.ts must export reply: a function, or what defineReply returns");
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const result: StandardSchemaV1.Result<unknown> | Promise<unknown> = reply.needs["~standard"].validate(set);
  if (result instanceof Promise) return { unmet: ["The reply's needs are checked asynchronously, which is not supported."] };
  if (!result.issues) return { value: result.value, unmet: [] };
  return { unmet: [...new Set(result.issues.map((issue) => sentence(issue, set)))] };
}

function sentence({ message, path }: StandardSchemaV1.Issue, set: Env): string {
  const [step] = path ?? [];
  if (step === undefined) return `The reply cannot use its settings: ${withoutValue(message)}.`;
  const name = String(typeof step === "object" ? step.key : step);
  const value = set[name];
  if (value === undefined) return `The reply needs ${name}, which is not set.`;
  return `The reply cannot use ${name}: ${withoutValue(message, String(value))}.`;
}

/** The schema's own words without the value, which most libraries quote: it may be a secret, and the page is public. */
function withoutValue(message: string, value = ""): string {
  const words = message.replace(/[:,]? \(?(?:but )?(?:received|got|was) .*/is, "");
  return value.length < 4 ? words : words.replaceAll(value, "…");
}
