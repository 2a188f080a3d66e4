/**
 * What the tests import as "vitest" while the core is mutated: Vitest's own `expect`, and tests that are collected instead of
 * run, so that they can be run a thousand times in one process. Vitest would start a thread and load everything each time.
 */
import { format } from "node:util";

export interface Test {
  readonly name: string;
  readonly run: (context: { expect: typeof expect }) => unknown;
  readonly timeoutMs: number;
}

type Hook = () => unknown;

export interface Suite {
  readonly name: string;
  readonly tests: Test[];
  readonly suites: Suite[];
  readonly hooks: Record<"beforeAll" | "beforeEach" | "afterEach" | "afterAll", Hook[]>;
}

type Add = (name: string, ...rest: unknown[]) => void;

/** Longer than any test takes on a busy computer. */
const TIMEOUT_MS = 10_000;

// Vitest's `expect` looks for the thread that it runs in.
const thread = { config: { expect: {}, snapshotOptions: {}, chaiConfig: {} }, environment: { name: "node" }, ctx: {} };
Object.assign(globalThis, { __vitest_worker__: thread });
const vitest = await import("vitest");

export const { vi } = vitest;
export const expect = Object.assign((value: unknown, message?: string) => vitest.expect(value, message), vitest.expect, {
  poll,
});

const names = new Set<string>();
let current = newSuite("");

/** Collects the tests of a file. */
export async function collect(url: string): Promise<Suite> {
  const suite = newSuite("");
  current = suite;
  await import(url);
  return suite;
}

function newSuite(name: string): Suite {
  return { name, tests: [], suites: [], hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] } };
}

/** The body of a test or of a block, which may stand before or after the options. */
function bodyIn(rest: readonly unknown[]): (...args: unknown[]) => unknown {
  return rest.find((value) => typeof value === "function") as () => unknown;
}

function addSuite(name: string, ...rest: unknown[]): void {
  const outer = current;
  current = newSuite(`${outer.name}${name} > `);
  outer.suites.push(current);
  bodyIn(rest)();
  current = outer;
}

function addTest(name: string, ...rest: unknown[]): void {
  let unique = current.name + name;
  while (names.has(unique)) unique += "'";
  names.add(unique);
  const options = rest.find((value) => typeof value === "number" || typeof value === "object");
  const { timeout = TIMEOUT_MS } = (typeof options === "number" ? { timeout: options } : (options ?? {})) as {
    timeout?: number;
  };
  current.tests.push({ name: unique, run: bodyIn(rest), timeoutMs: timeout });
}

function each(add: Add) {
  return (rows: Iterable<unknown>) =>
    (name: string, ...rest: unknown[]) => {
      const body = bodyIn(rest);
      for (const row of rows) {
        const args = Array.isArray(row) ? row : [row];
        add(titleOf(name, args), () => body(...args), ...rest.filter((value) => value !== body));
      }
    };
}

function titleOf(name: string, args: readonly unknown[]): string {
  const fields = Object(args[0]) as Record<string, unknown>;
  const filled = name.replace(/\$(\w+)/g, (whole, key) => (key in fields ? String(fields[key]) : whole));
  return format(filled, ...args.slice(0, filled.match(/%[sdifjoO]/g)?.length ?? 0));
}

const withEach = (add: Add) => Object.assign(add.bind(undefined), { each: each(add) });
export const describe = Object.assign(withEach(addSuite), { concurrent: withEach(addSuite) });
export const test = Object.assign(withEach(addTest), {
  concurrent: withEach(addTest),
  skipIf: (condition: unknown) => (condition ? () => {} : addTest),
});

const hook = (kind: keyof Suite["hooks"]) => (run: Hook) => void current.hooks[kind].push(run);
export const beforeAll = hook("beforeAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");
export const afterAll = hook("afterAll");

/** `expect.poll`, which Vitest has only in threads of its own. */
function poll(value: () => unknown) {
  const untilItHolds = async (name: string, args: unknown[]) => {
    for (const until = performance.now() + 1000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
      try {
        return (vitest.expect(await value()) as unknown as Record<string, (...args: unknown[]) => void>)[name]?.(...args);
      } catch (error) {
        if (performance.now() > until) throw error;
      }
    }
  };
  return new Proxy(
    {},
    {
      get:
        (_, name: string) =>
        (...args: unknown[]) =>
          untilItHolds(name, args),
    },
  );
}
