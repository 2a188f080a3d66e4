import { describe } from "vitest";
import { memoryStore } from "../../shared/once/memory.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { oncePromises } from "../core/once/index.ts";
import { storePromises } from "../once/store-promises.ts";

describe("once", oncePromises);
describe("the store in memory", () => storePromises(() => memoryStore(new TestClock())));
