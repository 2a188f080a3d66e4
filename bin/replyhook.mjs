#!/usr/bin/env node
/**
 * The `replyhook` command. In a clone it runs the sources, so that an edit shows at once and a forgotten build is never run.
 * The package has a bundle of them instead. npx remembers where this file is: do not move it.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SOURCES = new URL("../local/cli.ts", import.meta.url);
const LIBRARIES = new URL("../node_modules", import.meta.url);
const USAGE = 2;

if (!existsSync(SOURCES)) {
  await import(new URL("../dist/cli.mjs", import.meta.url).href);
} else if (!existsSync(LIBRARIES)) {
  console.error('The libraries of this clone are not installed: run "npm ci" in it, and start again.');
  process.exitCode = USAGE;
} else {
  const { handOverToNewerNode } = await import("../examples/webhook-typescript/newer-node.mjs");
  if (!handOverToNewerNode(fileURLToPath(SOURCES))) await import(SOURCES.href);
}
