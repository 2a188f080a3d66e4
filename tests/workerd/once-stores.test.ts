import { env } from "cloudflare:workers";
import { describe } from "vitest";
import { memoryStore } from "../../shared/once/memory.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { durableObjectStore, type OnceObject } from "../../workers/once-object.ts";
import { storePromises } from "../once/store-promises.ts";

const objects = (env as { ONCE: DurableObjectNamespace<OnceObject> }).ONCE;

describe("the store in memory, in workerd", () => storePromises(() => memoryStore(new TestClock())));
describe("the store of Durable Objects", () => storePromises(() => durableObjectStore(objects)));
