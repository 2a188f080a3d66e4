import { describe } from "vitest";
import { copyPromises } from "./copies.ts";
import { memoryPromises } from "./memory.ts";
import { storeFaultPromises } from "./store-faults.ts";
import { turnPromises } from "./turns.ts";

/** A signed request runs the reply once. */
export function oncePromises(): void {
  describe("copies", copyPromises);
  describe("turns of copies", turnPromises);
  describe("stores that fail", storeFaultPromises);
  describe("memory", memoryPromises);
}
