import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Every file in a folder and its subfolders. */
export function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The arguments of every process, one process a line. On Linux, every user of the computer can read them. */
export function commandLinesOnThisComputer(): string {
  const lines = readdirSync("/proc").flatMap((process) => {
    try {
      return /^\d+$/.test(process) ? [readFileSync(`/proc/${process}/cmdline`, "utf8").replaceAll("\0", " ")] : [];
    } catch {
      // The process has ended.
      return [];
    }
  });
  return lines.join("\n");
}
