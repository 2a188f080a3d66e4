import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAMES = ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS", "WEBHOOK_SECRETS"] as const;

/** Secrets by their names, exactly as given. */
export type Secrets = { [Name in (typeof NAMES)[number]]?: string };

/** The secrets in an environment. An empty one does not count, and neither does one of {@link newLocalSecret}. */
export function secretsOf(env: NodeJS.ProcessEnv): Secrets {
  return Object.fromEntries(NAMES.flatMap((name) => (env[name] && !isLocalSecret(env[name]) ? [[name, env[name]]] : [])));
}

/** Whether a deployment with a secret of this name can verify messages. */
export function isWebhookSecret(name: string): boolean {
  return name === "WEBHOOK_SECRET" || name === "WEBHOOK_SECRETS";
}

/** A new secret for this computer. A deploy must know it: otherwise it would replace the secret that the dashboard has. */
export function newLocalSecret(): string {
  return `local_${newSecret()}`;
}

/** Whether `npm run dev` made it. */
export function isLocalSecret(secret = ""): boolean {
  return /^local_[0-9a-f]{64}$/.test(secret);
}

/** A new secret: 64 hex digits, like the main app's "Generate". */
export function newSecret(): string {
  return randomBytes(32).toString("hex");
}

/** A folder that only this user can open. It is removed when this process exits. */
export function privateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "replyhook-deploy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `use` with a file that only this user can read: every user of the computer can read a tool's arguments. */
export async function withSecretFile<T>(folder: string, text: string, use: (file: string) => Promise<T>): Promise<T> {
  const file = join(folder, "secrets");
  writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  try {
    return await use(file);
  } finally {
    rmSync(file);
  }
}
