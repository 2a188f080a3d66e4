/**
 * What the tests import as "vitest" while the core is mutated: Vitest's own `expect`, and tests that are collected instead of
 * run, so that they can be run thousands of times in one process. Vitest would start a thread and load everything each time.
 */
import { format } from "node:util";

// Vitest's `expect` asks for the thread that it runs in.
globalThis.__vitest_worker__ ??= {
  config: { expect: {}, snapshotOptions: {}, chaiConfig: {} },
  environment: { name: "node" },
  ctx: {},
};
const vitest = await import(import.meta.resolve("vitest"));

export const { vi } = vitest;
export const expect = Object.assign((/** @type {[unknown, string?]} */ ...args) => vitest.expect(...args), vitest.expect, {
  poll,
});

/**
 * @typedef {{ name: string, run(context: object): unknown, timeout: number }} Test
 * @typedef {{ name: string, suites: Suite[], tests: Test[], hooks: Record<string, (() => unknown)[]> }} Suite
 */
/** @returns {Suite} */
const newSuite = (name = "") => ({
  name,
  suites: [],
  tests: [],
  hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] },
});

export const root = newSuite();
let current = root;
const names = new Set();

/** Collects the tests of a file. */
export async function collect(/** @type {string} */ url) {
  current = newSuite();
  root.suites.push(current);
  await import(url);
}

function addSuite(name, ...rest) {
  const body = rest.find((value) => typeof value === "function");
  const outer = current;
  current = newSuite(`${outer.name}${name} > `);
  outer.suites.push(current);
  body();
  current = outer;
}

function addTest(name, ...rest) {
  const run = rest.find((value) => typeof value === "function");
  const options = rest.find((value) => typeof value === "number" || typeof value === "object");
  let unique = `${current.name}${name}`;
  while (names.has(unique)) unique += "'";
  names.add(unique);
  current.tests.push({ name: unique, run, timeout: Math.max(10_000, options?.timeout ?? options ?? 0) });
}

/** `test.each` and `describe.each`. */
function each(add) {
  return (rows) =>
    (name, ...rest) => {
      for (const row of [...rows]) {
        const args = Array.isArray(row) ? row : [row];
        const body = rest.find((value) => typeof value === "function");
        add(titleOf(name, args), () => body(...args), ...rest.filter((value) => value !== body));
      }
    };
}

function titleOf(name, args) {
  const [first] = args;
  const filled = name.replace(/\$(\w+)/g, (whole, key) =>
    Object(first) === first && key in first ? String(first[key]) : whole,
  );
  const holes = filled.match(/%[sdifjoO]/g)?.length ?? 0;
  return format(filled, ...args.slice(0, holes));
}

export const describe = Object.assign(addSuite, { each: each(addSuite), concurrent: addSuite });
const eachTest = each(addTest);
export const test = Object.assign(addTest, {
  each: eachTest,
  concurrent: Object.assign(addTest, { each: eachTest }),
  skipIf: (condition) => (condition ? () => {} : addTest),
});

const hook = (kind) => (run) => current.hooks[kind].push(run);
export const beforeAll = hook("beforeAll");
export const afterAll = hook("afterAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");

/** `expect.poll`, which Vitest has only in its own threads. */
function poll(value) {
  const attempt =
    (name) =>
    async (...args) => {
      const until = performance.now() + 1000;
      for (;;) {
        try {
          return vitest.expect(await value())[name](...args);
        } catch (error) {
          if (performance.now() > until) throw error;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }
    };
  return new Proxy({}, { get: (_, name) => attempt(name) });
}
