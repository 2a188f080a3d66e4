import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { LlmContext } from "../llm.ts";
import { orAborted } from "./abort.ts";
import { jsonOf } from "./json.ts";
import type { ChatMessage } from "./messages.ts";
import type { ToolCall } from "./tool-calls.ts";

/** Something that the model may call. */
export interface Tool<Input extends v.GenericSchema = v.GenericSchema> {
  /** What it does and when to call it, for the model. */
  readonly description: string;
  /** Its input. The model gets it as JSON Schema, and what the model sends is checked by it. */
  readonly input: Input;
  /**
   * The result for the model: text, or a value that is sent as JSON. If it throws, the model learns that the tool failed, and the log has the
   * error's name. To tell the model why, return it; to tell yourself, use `log`. Pass `signal` to each `fetch`.
   */
  // A method, not a property, so that a tool with any input is a `Tool`.
  run(input: v.InferOutput<Input>, context: LlmContext): unknown;
}

type Tools = Readonly<Record<string, Tool>>;

/** The fields of a request that offer the tools to the model. None if there is no tool. */
export function toolsForModel(tools: Tools): { tools?: readonly unknown[] } {
  const offered = Object.entries(tools).map(([name, { description, input }]) => {
    const { $schema: _, ...parameters } = toJsonSchema(input, { typeMode: "input", errorMode: "ignore" });
    return { type: "function", function: { name, description, parameters } };
  });
  return offered.length > 0 ? { tools: offered } : {};
}

/** Runs all calls at once, and gives their results as messages in the same order. Rejects only if the reply was ended. */
export async function runTools(calls: readonly ToolCall[], tools: Tools, context: LlmContext): Promise<ChatMessage[]> {
  return orAborted(Promise.all(calls.map((call) => runTool(call, tools, context))), context.signal);
}

async function runTool({ id, function: called }: ToolCall, tools: Tools, context: LlmContext): Promise<ChatMessage> {
  const startedAt = performance.now();
  const { content, outcome } = await resultOf(called, tools, context);
  const name = Object.hasOwn(tools, called.name) ? called.name : "(unknown)";
  context.log(`tool ${name}: ${outcome}, ${Math.round(performance.now() - startedAt)} ms`);
  return { role: "tool", tool_call_id: id, content };
}

async function resultOf({ name, arguments: json }: ToolCall["function"], tools: Tools, context: LlmContext) {
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (!tool) return { content: `Error: there is no tool ${name}.`, outcome: "no such tool" };
  const sent = jsonOf(json);
  // Some models send the JSON text as a JSON string.
  const input = typeof sent === "string" ? jsonOf(sent) : sent;
  if (input === undefined) return { content: "Error: the arguments are no JSON.", outcome: "arguments are no JSON" };
  const checked = v.safeParse(tool.input, input);
  if (!checked.success) {
    const issues = checked.issues.map((issue) => `${v.getDotPath(issue) ?? "input"}: ${issue.message}`);
    return { content: `Error: the arguments are wrong. ${issues.join("; ")}`, outcome: "arguments are wrong" };
  }
  try {
    const result = await tool.run(checked.output, context);
    return { content: typeof result === "string" ? result : (JSON.stringify(result) ?? "done"), outcome: "ok" };
  } catch (error) {
    // Not its message, which may repeat the input.
    return { content: "Error: the tool failed.", outcome: `failed with ${error instanceof Error ? error.name : "no error"}` };
  }
}
