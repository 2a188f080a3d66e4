import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"] as const;

/** Secrets by their names, exactly as they are. */
export type Secrets = { [Name in (typeof NAMES)[number]]?: string };

/** The secrets that an environment has. An empty one is none. */
export function secretsOf(env: NodeJS.ProcessEnv): Secrets {
  return Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/** A new secret: 64 hex digits, as the main app's "Generate" makes them. */
export function newSecret(): string {
  return randomBytes(32).toString("hex");
}

/** A folder that only this user can open, and that is gone when this process ends, however it ends. */
export function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "replyhook-deploy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `use` with a file that only this user can read: a tool's arguments can be read by every user of the computer. */
export async function withSecretFile<T>(folder: string, text: string, use: (file: string) => Promise<T>): Promise<T> {
  const file = join(folder, "secrets");
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  try {
    return await use(file);
  } finally {
    rmSync(file);
  }
}
