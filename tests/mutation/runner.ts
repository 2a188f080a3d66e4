/** A test runner for Stryker: it loads the tests of a room once, into the process in which Stryker wants them to run. */
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Suite, Test } from "./in-process.ts";
import { ROOMS } from "./rooms.ts";

const VITEST = new URL("./in-process.ts", import.meta.url).href;
/** Stryker's numbers for the end of a test. */
const SUCCESS = 0;
const FAILED = 1;

/** Through this global object, changed files learn which change is active, and tell what was reached. */
interface Instrumentation {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> };
}
type Hits = Record<string, number>;

interface MutantRun {
  readonly activeMutant: { readonly id: string };
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
  readonly mutantActivation: "static" | "runtime";
}

interface Result {
  readonly id: string;
  readonly name: string;
  readonly status: typeof SUCCESS | typeof FAILED;
  readonly timeSpentMs: number;
  readonly failureMessage?: string;
}

/** What a suite gets from the suites around it. */
interface Around {
  readonly before: Suite["hooks"]["beforeEach"];
  readonly after: Suite["hooks"]["afterEach"];
}

class InProcessRunner {
  readonly #stryker: Instrumentation = {};
  #suites: Suite[] | undefined;
  #results: Result[] = [];
  #wanted: ReadonlySet<string> | undefined;
  #stopsAtFailure = false;

  capabilities() {
    // What a module computes when it is loaded needs a new process.
    return { reloadEnvironment: false };
  }

  init(): void {
    Object.assign(globalThis, { __stryker__: this.#stryker });
    // A test that failed can leave work behind, which fails later. The next change is not the reason.
    process.on("unhandledRejection", () => {});
    process.on("uncaughtException", () => {});
    // Stryker has ended: a loop that a change made endless must not go on without it.
    process.on("disconnect", () => process.exit());
    registerHooks({
      resolve: (name, context, next) =>
        name === "vitest" && context.parentURL !== VITEST ? { url: VITEST, shortCircuit: true } : next(name, context),
    });
  }

  /** Runs all tests without a change, and tells which places each test reaches. */
  async dryRun() {
    const mutantCoverage = { static: {}, perTest: {} };
    this.#stryker.mutantCoverage = mutantCoverage;
    await this.#load();
    const tests = await this.#run(undefined, false);
    return { status: "complete", tests, mutantCoverage };
  }

  /** Runs the tests that reach a change, until one fails. */
  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }: MutantRun) {
    const stryker = this.#stryker;
    if (mutantActivation === "static") stryker.activeMutant = activeMutant.id;
    try {
      await this.#load();
    } catch (error) {
      return { status: "killed", killedBy: ["loading the tests"], failureMessage: String(error), nrOfTests: 0 };
    }
    Object.assign(stryker, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    const tests = await this.#run(testFilter, true);
    stryker.activeMutant = undefined;
    if (hitLimit && (stryker.hitCount ?? 0) > hitLimit) return { status: "timeout", reason: `more than ${hitLimit} rounds` };
    const failed = tests.find(({ status }) => status === FAILED);
    if (!failed) return { status: "survived", nrOfTests: tests.length };
    return { status: "killed", killedBy: [failed.id], failureMessage: failed.failureMessage, nrOfTests: tests.length };
  }

  async #load(): Promise<void> {
    if (this.#suites) return;
    const { collect } = await import(VITEST);
    const suites = [];
    for (const file of ROOMS[process.env.MUTATION_ROOM ?? ""]?.tests ?? [])
      suites.push(await collect(pathToFileURL(resolve(file)).href));
    this.#suites = suites;
  }

  async #run(wanted: readonly string[] | undefined, stopsAtFailure: boolean): Promise<Result[]> {
    this.#results = [];
    this.#wanted = wanted && new Set(wanted);
    this.#stopsAtFailure = stopsAtFailure;
    for (const suite of this.#suites ?? []) await this.#runSuite(suite, { before: [], after: [] });
    return this.#results;
  }

  get #isOver(): boolean {
    return this.#stopsAtFailure && this.#results.at(-1)?.status === FAILED;
  }

  async #runSuite(suite: Suite, around: Around): Promise<void> {
    const { beforeAll, beforeEach, afterEach, afterAll } = suite.hooks;
    const inside = testsIn(suite).filter(({ name }) => this.#wanted?.has(name) ?? true);
    if (this.#isOver || inside.length === 0) return;
    const each = { before: [...around.before, ...beforeEach], after: [...afterEach, ...around.after] };
    const failure = await this.#reachedByAll(inside, () => firstFailure(beforeAll));
    for (const test of suite.tests) {
      if (!this.#isOver && inside.includes(test)) this.#results.push(await this.#runTest(test, each, failure));
    }
    for (const inner of suite.suites) await this.#runSuite(inner, each);
    await firstFailure(afterAll);
  }

  /** What is reached before all tests of a suite counts as reached by each of them. */
  async #reachedByAll<T>(tests: readonly Test[], work: () => Promise<T>): Promise<T> {
    const [first, ...others] = tests.map(({ name }) => name);
    this.#stryker.currentTestId = first;
    const done = await work();
    this.#stryker.currentTestId = undefined;
    const { perTest = {} } = this.#stryker.mutantCoverage ?? {};
    const reached = perTest[first ?? ""];
    if (reached) for (const name of others) perTest[name] = { ...reached, ...perTest[name] };
    return done;
  }

  async #runTest({ name, run, timeoutMs }: Test, { before, after }: Around, broken: unknown): Promise<Result> {
    const { expect } = await import(VITEST);
    const startedAt = performance.now();
    this.#stryker.currentTestId = name;
    const test = () => run({ expect });
    const failure = broken ?? (await within(timeoutMs, firstFailure([...before, test])));
    await firstFailure(after);
    this.#stryker.currentTestId = undefined;
    const result = { id: name, name, timeSpentMs: performance.now() - startedAt };
    return failure ? { ...result, status: FAILED, failureMessage: String(failure) } : { ...result, status: SUCCESS };
  }
}

/** Runs them in turn. Why one failed, or undefined. */
async function firstFailure(hooks: readonly (() => unknown)[]): Promise<unknown> {
  try {
    for (const hook of hooks) await hook();
    return undefined;
  } catch (error) {
    return error || "it failed without a reason";
  }
}

async function within(ms: number, failure: Promise<unknown>): Promise<unknown> {
  const late = Promise.withResolvers<unknown>();
  const timer = setTimeout(() => late.resolve(`no end after ${ms} ms`), ms);
  const first = await Promise.race([failure, late.promise]);
  clearTimeout(timer);
  return first;
}

function testsIn({ tests, suites }: Suite): Test[] {
  return [...tests, ...suites.flatMap(testsIn)];
}

export const strykerPlugins = [{ kind: "TestRunner", name: "in-process", injectableClass: InProcessRunner }];
