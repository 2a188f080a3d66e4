import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { sendTo } from "../support/http-target.ts";
import { chunk, DONE } from "../support/model-case.ts";
import { type Model, startModel } from "../support/model-stand-in.ts";
import { type NpmScript, npmRun } from "../support/npm-script.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { machineEnvironment } from "./servers.ts";

/** All that a partner writes. */
const REPLY = `import * as v from "valibot";
import { llm } from "./replies/llm.ts";

export const reply = llm({
  instructions: "You answer for the flower shop Bloom.",
  tools: {
    order_status: {
      description: "Where an order is",
      input: v.object({ order: v.string() }),
      run: async ({ order }, { env }) => \`Order \${order} leaves \${env.SHOP} today\`,
    },
    opening_hours: { description: "When the shop is open", input: v.object({}), run: () => ({ monday: "9-17" }) },
  },
  maxRounds: 5,
});
`;
const call = (name: string, args: string) => ({ id: name, type: "function", function: { name, arguments: args } });
const ROUNDS = [
  [chunk({ tool_calls: [call("order_status", '{"order":"17"}'), call("opening_hours", "{}")] }, "tool_calls"), DONE],
  [chunk({ content: "It leaves today, " }), chunk({ content: "and we open at 9." }, "stop"), DONE],
];

describe.each(["dev:worker", "dev:node"])("npm run %s, with instructions and two tools in shared/reply.ts alone", (script) => {
  const clone = freshClone();
  let model: Model;
  let server: NpmScript;
  let port: number;
  beforeAll(async () => {
    writeFileSync(join(clone.folder, "shared/reply.ts"), REPLY);
    model = await startModel((_, index) => ({ pieces: ROUNDS[index] ?? [] }));
    port = await freePort();
    const settings = { LLM_BASE_URL: model.url, LLM_MODEL: "m", SHOP: "Bloom", PORT: String(port) };
    server = npmRun([script], clone.folder, { ...machineEnvironment(), ...settings });
    await server.printed(`/run      http://localhost:${port}/`);
  });
  afterAll(async () => {
    server.signal("SIGINT");
    await server.exited;
    model.stop();
    clone.remove();
  });

  test("answers with what the tools gave", async () => {
    const { pieces } = await sendTo(port, unsigned(JSON.stringify(payload("Where is order 17?")), { path: "/stream" }));
    expect(readAsDashboard(pieces).text).toBe("It leaves today, and we open at 9.");
    expect(model.requests[0]?.body.messages[0]?.content).toBe("You answer for the flower shop Bloom.");
    expect(model.requests[1]?.body.messages.slice(-2).map(({ content }) => content)).toEqual([
      "Order 17 leaves Bloom today",
      '{"monday":"9-17"}',
    ]);
    await server.printed("tool order_status: ok");
  });
});
