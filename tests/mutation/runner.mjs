/** A test runner for Stryker: runs the tests of a room in Stryker's own process, and loads them once. */
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOMS } from "./rooms.ts";

const SHIM = new URL("./in-process.mjs", import.meta.url).href;
const [SUCCESS, FAILED] = [0, 1];

class InProcessRunner {
  static inject = [];
  #global;
  #suites;
  /** Which tests a suite's `beforeAll` is for: what it covers, they cover. */
  #shared = new Map();

  constructor() {
    // Through this object, changed files learn which change is active, and tell what was covered.
    globalThis.__stryker__ ??= {};
    this.#global = globalThis.__stryker__;
  }

  capabilities() {
    // A changed constant of a module needs a new process.
    return { reloadEnvironment: false };
  }

  async init() {
    // A test that failed leaves work behind, which may fail later. It is not the next change's fault.
    process.on("unhandledRejection", () => {});
    process.on("uncaughtException", () => {});
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === "vitest" && context.parentURL !== SHIM ? { url: SHIM, shortCircuit: true } : next(specifier, context),
    });
  }

  async #load() {
    if (this.#suites) return;
    const { collect, root } = await import(SHIM);
    this.expect = (await import(SHIM)).expect;
    for (const file of ROOMS[process.env.MUTATION_ROOM ?? ""]?.tests ?? []) await collect(pathToFileURL(resolve(file)).href);
    this.#suites = root.suites;
  }

  async dryRun() {
    this.#global.mutantCoverage = { static: {}, perTest: {} };
    await this.#load();
    const tests = await this.#run({ isDryRun: true });
    const { perTest } = this.#global.mutantCoverage;
    for (const [name, sharing] of this.#shared) {
      for (const test of sharing) {
        perTest[test] ??= {};
        for (const [mutant, hits] of Object.entries(perTest[name] ?? {}))
          perTest[test][mutant] = (perTest[test][mutant] ?? 0) + hits;
      }
      delete perTest[name];
    }
    return { status: "complete", tests, mutantCoverage: this.#global.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation, disableBail }) {
    this.#global.activeMutant = mutantActivation === "static" ? activeMutant.id : undefined;
    this.#global.hitCount = undefined;
    await this.#load().catch((error) => {
      this.loadError = error;
    });
    if (this.loadError)
      return { status: "killed", killedBy: ["loading"], failureMessage: String(this.loadError), nrOfTests: 0 };
    this.#global.activeMutant = activeMutant.id;
    this.#global.hitLimit = hitLimit;
    this.#global.hitCount = hitLimit === undefined ? undefined : 0;
    const tests = await this.#run({ filter: testFilter && new Set(testFilter), bail: !disableBail });
    const { hitCount } = this.#global;
    this.#global.activeMutant = undefined;
    if (hitLimit !== undefined && hitCount > hitLimit) return { status: "timeout", reason: `more than ${hitLimit} hits` };
    const failed = tests.filter(({ status }) => status === FAILED);
    if (failed.length === 0) return { status: "survived", nrOfTests: tests.length };
    return {
      status: "killed",
      killedBy: failed.map(({ id }) => id),
      failureMessage: failed[0].failureMessage,
      nrOfTests: tests.length,
    };
  }

  async #run({ filter, bail = false, isDryRun = false }) {
    const results = [];
    const cover = (name) => {
      if (isDryRun) this.#global.currentTestId = name;
    };
    const runSuite = async (suite, outer) => {
      const wanted = suite.tests.filter(({ name }) => !filter || filter.has(name));
      const inside = namesIn(suite);
      if (filter && !inside.some((name) => filter.has(name))) return;
      const each = { before: [...outer.before, ...suite.hooks.beforeEach], after: [...suite.hooks.afterEach, ...outer.after] };
      const shared = `shared: ${suite.name} ${inside[0]}`;
      this.#shared.set(shared, inside);
      let broken;
      cover(shared);
      try {
        for (const hook of suite.hooks.beforeAll) await hook();
      } catch (error) {
        broken = error;
      }
      for (const test of wanted) {
        if (bail && results.some(({ status }) => status === FAILED)) break;
        cover(test.name);
        results.push(await this.#runTest(test, each, broken));
        cover(undefined);
      }
      for (const inner of suite.suites) {
        if (bail && results.some(({ status }) => status === FAILED)) break;
        await runSuite(inner, each);
      }
      cover(shared);
      for (const hook of suite.hooks.afterAll) await Promise.resolve(hook()).catch(() => {});
      cover(undefined);
    };
    for (const suite of this.#suites) {
      if (bail && results.some(({ status }) => status === FAILED)) break;
      await runSuite(suite, { before: [], after: [] });
    }
    return results;
  }

  async #runTest({ name, run, timeout }, { before, after }, broken) {
    const startedAt = performance.now();
    let failure = broken;
    let timer;
    try {
      if (failure) throw failure;
      const tooLong = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no end after ${timeout} ms`)), timeout);
      });
      const whole = (async () => {
        for (const hook of before) await hook();
        await run({ expect: this.expect });
      })();
      await Promise.race([whole, tooLong]);
    } catch (error) {
      failure = error ?? new Error("a failure without a reason");
    }
    clearTimeout(timer);
    for (const hook of after) await Promise.resolve(hook()).catch(() => {});
    const result = { id: name, name, timeSpentMs: performance.now() - startedAt };
    return failure ? { ...result, status: FAILED, failureMessage: String(failure) } : { ...result, status: SUCCESS };
  }

  async dispose() {}
}

function namesIn({ tests, suites }) {
  return [...tests.map(({ name }) => name), ...suites.flatMap(namesIn)];
}

export const strykerPlugins = [{ kind: "TestRunner", name: "in-process", injectableClass: InProcessRunner }];
