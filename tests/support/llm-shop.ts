import * as v from "valibot";
import { llm } from "../../shared/replies/llm.ts";
import { askLlm, PLAIN } from "./ask-llm.ts";
import { chunk } from "./model-case.ts";
import type { ModelAnswer } from "./model-stand-in.ts";

/** A call of a tool in a chunk. What is undefined is left out. */
export const call = (index?: number | null, id?: string | null, name?: string, args?: unknown) => ({
  index,
  id,
  type: "function",
  function: { name, arguments: args },
});
export const calls = (...tool_calls: (object | null)[]) => chunk({ tool_calls });
export const CALLS = chunk({}, "tool_calls");
/** The arguments of two calls of `order_status`. */
export const A = '{"order":"17"}';
export const B = '{"order":"18"}';

/** A reply with tools, the orders that it was asked about, and the most that it was asked about at once. */
export function shop() {
  const asked: string[] = [];
  let atOnce = 0;
  let most = 0;
  const reply = llm({
    instructions: "You answer for Bloom.",
    tools: {
      order_status: {
        description: "Where an order is",
        input: v.object({
          order: v.pipe(
            v.string(),
            v.check((order) => order !== "", "it is empty"),
          ),
          part: v.optional(v.pipe(v.string(), v.transform(Number), v.number())),
        }),
        run: async ({ order }, { env, signal }) => {
          most = Math.max(most, ++atOnce);
          await new Promise((resolve) => setTimeout(resolve, 20));
          atOnce--;
          if (order === "hang") await new Promise(() => {});
          if (order === "broken") throw new Error("the shop's database is down");
          if (order === "rejected") return Promise.reject("no error object");
          if (order === "none") return undefined;
          asked.push(order);
          return `Order ${order} leaves today from ${env.SHOP} ${signal.aborted}`;
        },
      },
      opening_hours: { description: "When the shop is open", input: v.object({}), run: () => ({ monday: [9, 17] }) },
    },
    maxRounds: 3,
  });
  return { reply, asked, most: () => most };
}

/** Asks the shop. The model gives these answers, and then one without calls. */
export async function askShop(...answers: readonly (readonly string[] | ModelAnswer)[]) {
  const { reply, asked, most } = shop();
  const all = [...answers.map((answer) => ("length" in answer ? { pieces: answer } : answer)), PLAIN];
  const result = await askLlm(all, { env: { SHOP: "Bloom" } }, reply);
  return { ...result, asked, most, results: result.requests[1]?.body.messages.filter(({ role }) => role === "tool") ?? [] };
}
