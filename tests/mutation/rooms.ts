/** What `npm run mutate -- NAME` mutates, and the test files that must notice it: those that run in this process. */
interface Room {
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
  /** The lowest score, in percent, that passes. */
  readonly atLeast: number;
}

const nodeTests = (...names: string[]) => names.map((name) => `tests/node/${name}.test.ts`);
const PIPELINE = ["app", "execution-context", "pipeline", "testing"].map((name) => `shared/${name}.ts`);

export const ROOMS: Readonly<Record<string, Room>> = {
  request: {
    mutate: ["shared/request/*.ts"],
    tests: ["tests/mutation/request.test.ts"],
    atLeast: 95,
  },
  once: { mutate: ["shared/once/*.ts"], tests: ["tests/mutation/once.test.ts", "tests/node/once-stored.test.ts"], atLeast: 95 },
  answer: {
    mutate: ["shared/answer/*.ts"],
    tests: ["tests/mutation/answer.test.ts", "tests/node/store-reply.test.ts", "tests/node/defer.test.ts"],
    atLeast: 90,
  },
  "partner-api": {
    mutate: ["shared/partner-api/*.ts"],
    tests: nodeTests("partner-api", "store-time", "store-reply"),
    atLeast: 90,
  },
  llm: {
    mutate: ["shared/replies/conversation.ts", "shared/replies/llm.ts", "shared/replies/llm/*.ts"],
    tests: nodeTests("conversation", "llm", "llm-errors", "llm-tool-calls", "llm-tools"),
    atLeast: 95,
  },
  pipeline: {
    mutate: PIPELINE,
    tests: [
      "tests/mutation/pipeline.test.ts",
      ...nodeTests("app", "testing", "store-reply", "store-time", "defer", "once-stored", "once-deferred"),
    ],
    atLeast: 90,
  },
  ground: {
    // Not shared/reply.ts, which is the partner's.
    mutate: [
      "shared/*.ts",
      ...["reply", "test-clock", "version"].map((name) => `!shared/${name}.ts`),
      ...PIPELINE.map((file) => `!${file}`),
    ],
    tests: ["tests/mutation/ground.test.ts", ...nodeTests("codes", "define-reply", "testing")],
    atLeast: 90,
  },
};
