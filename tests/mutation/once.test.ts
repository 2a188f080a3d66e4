import { describe } from "vitest";
import { oncePromises } from "../core/once.ts";
import { turnPromises } from "../core/once-turns.ts";

describe("once", oncePromises);
describe("turns of copies", turnPromises);
