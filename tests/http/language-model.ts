import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TargetStarter } from "../contract/index.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { caseFor, casesForServers } from "../support/model-cases.ts";
import { type Model, startModel } from "../support/model-stand-in.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import type { TestTarget } from "../support/target.ts";

/** A language model's answer reaches the chat, whatever happens to the connection to it. */
export function languageModelPromises(server: TargetStarter): void {
  describe(`a language model on ${server.name}`, { timeout: 60_000 }, () => {
    let model: Model;
    let running: { target: TestTarget; stop(): Promise<void> };
    beforeAll(async () => {
      model = await startModel(caseFor());
      const settings = { LLM_BASE_URL: model.url, LLM_API_KEY: "k", LLM_MODEL: "m", FALLBACK_REPLY: "Sorry." };
      running = await server.start({ ...settings, REPLY_TIMEOUT_MS: "15000" });
    });
    afterAll(async () => {
      await running.stop();
      model.stop();
    });

    test.each(casesForServers)("%s", async (name, { shows }) => {
      const startedAt = performance.now();
      const { pieces } = await running.target.send(unsigned(JSON.stringify(payload(`model: ${name}`)), { path: "/stream" }));
      expect(readAsDashboard(pieces)).toEqual({ text: shows.replace("…", "Sorry."), done: { status: "completed" } });
      expect(performance.now() - startedAt).toBeLessThan(8000);
    });
  });
}
