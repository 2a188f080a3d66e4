import { spawnSync } from "node:child_process";

/** Whether this computer has these commands. */
export function hasCommands(...names: string[]): boolean {
  return names.every((name) => spawnSync("sh", ["-c", 'command -v "$0"', name]).status === 0);
}
