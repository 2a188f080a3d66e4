import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobsServer } from "@netlify/blobs/server";
import { afterAll, describe, expect, test } from "vitest";
import type { TargetStarter } from "../contract/index.ts";
import { blockOf, cloneWithExamples } from "../support/doc-examples.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { jsonOf, type TestTarget } from "../support/target.ts";
import { starter } from "./servers.ts";

const RECIPES = "docs/recipes.md";
const [withKv, withMine] = await Promise.all([cloneWithExamples(), cloneWithExamples()]);
const blobsFolder = mkdtempSync(join(tmpdir(), "replyhook-blobs-"));
const blobs = new BlobsServer({ directory: blobsFolder, token: "blobs-token", logger: () => {} });
const { port: blobsPort } = await blobs.start();
afterAll(async () => {
  await blobs.stop();
  rmSync(blobsFolder, { recursive: true });
  for (const { remove } of [withKv, withMine]) remove();
});

// As a partner's is after a clone, and the lines of the recipe.
const wranglerToml = readFileSync("tests/entries/wrangler.toml", "utf8").replace(/^main = .*/m, 'main = "workers/index.ts"');
await withKv.write("wrangler.toml", wranglerToml + blockOf(RECIPES, "toml", "kv_namespaces"));
const [mainLine = ""] = /main = "workers\/mine\.ts"/.exec(readFileSync(RECIPES, "utf8")) ?? [];
await withMine.write(
  "wrangler.toml",
  wranglerToml.replace(/^main = .*/m, mainLine) + blockOf(RECIPES, "toml", "durable_objects"),
);
const [, functions = ""] = /`directory = "(.*?)"`/.exec(readFileSync(RECIPES, "utf8")) ?? [];
const [, nodeCommand = ""] = /`(npx node .*?)`/.exec(readFileSync(RECIPES, "utf8")) ?? [];

const npmRun = (name: string, script: string, { folder }: { folder: string }) =>
  starter(name, (port, env) => ({
    file: "npm",
    args: ["run", "--silent", script],
    env: { ...env, PORT: String(port) },
    cwd: folder,
  }));
const [npx = "", ...nodeArguments] = nodeCommand.split(" ");
/** As `netlify dev` sets it. A deployed function gets one with each request. */
const blobsContext = {
  ...{ deployID: "deploy", siteID: "site", token: "blobs-token", primaryRegion: "us-east-2" },
  ...{ edgeURL: `http://localhost:${blobsPort}`, uncachedEdgeURL: `http://localhost:${blobsPort}` },
};

const TARGETS = [
  npmRun("a Worker with KV", "dev:worker", withKv),
  npmRun("a Worker with a Durable Object", "dev:worker", withMine),
  starter("Netlify's function runtime with Blobs", (port, env) => ({
    file: process.execPath,
    args: ["tests/http/netlify-runtime.mjs"],
    env: { ...env, FUNCTIONS: functions, PORT: String(port), NETLIFY_BLOBS_CONTEXT: btoa(JSON.stringify(blobsContext)) },
    cwd: withMine.folder,
  })),
  starter("Node with SQLite", (port, env) => ({
    file: npx,
    args: nodeArguments,
    env: { ...env, PORT: String(port) },
    cwd: withMine.folder,
  })),
];

async function ask({ send }: TestTarget, content: string, thread: string): Promise<string> {
  return jsonOf(await send(unsigned(JSON.stringify(payload(content, { thread: { id: thread } }))))).reply;
}

async function withServer<T>(server: TargetStarter, use: (target: TestTarget) => Promise<T>): Promise<T> {
  const { target, stop } = await server.start({});
  try {
    return await use(target);
  } finally {
    await stop();
  }
}

describe.concurrent("what the bot remembers of a thread", () => {
  test.each(TARGETS.map((server) => [server.name, server] as const))(
    "outlives the server, and is of that thread alone: %s",
    async (_, server) => {
      await withServer(server, async (target) => {
        expect(await ask(target, "Where is my order?", "a")).toBe("What is your order number?");
        expect(await ask(target, "It is 123456", "a")).toBe("I am looking at order 123456.");
      });
      await withServer(server, async (target) => {
        expect(await ask(target, "Where is it?", "a")).toBe("I am looking at order 123456.");
        expect(await ask(target, "Where is it?", "b")).toBe("What is your order number?");
      });
    },
  );

  test("is nothing where no binding is, and the user is told so", async () => {
    const server = npmRun("the Node server as shipped", "dev:node", withMine);
    const said = await withServer(server, (target) => ask(target, "Where is it?", "a"));
    expect(said).toContain("I cannot remember it here");
  });
});
