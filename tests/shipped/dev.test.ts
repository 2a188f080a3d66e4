import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { devCommandPromises } from "./dev-command.ts";

devCommandPromises("dev");
devCommandPromises("dev:node");

test("npm run dev:worker is npm run dev", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(scripts["dev:worker"]).toBe(scripts.dev);
});
