import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A copy of the repository's files in a new folder, as after a clone and `npm ci`, with a `.env` if one is given. */
export function freshClone(dotEnv?: string): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "replyhook-clone-"));
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
  for (const file of listed.trim().split("\n")) cpSync(file, join(folder, file));
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  if (dotEnv !== undefined) writeFileSync(join(folder, ".env"), dotEnv);
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
