import { describe } from "vitest";
import { memoryStore } from "../../shared/once/memory.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { oncePromises } from "../core/once.ts";
import { turnPromises } from "../core/once-turns.ts";
import { storePromises } from "../once/store-promises.ts";

describe("once", oncePromises);
describe("turns of copies", turnPromises);
describe("the store in memory", () => storePromises(() => memoryStore(new TestClock())));
