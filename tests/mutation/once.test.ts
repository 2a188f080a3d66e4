import { describe } from "vitest";
import { oncePromises } from "../core/once.ts";

describe("once", oncePromises);
