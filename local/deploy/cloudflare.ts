import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { argumentsNamed, type Deployment, type Platform, type Session } from "./platform.ts";
import { isWebhookSecret, type Secrets, withSecretFile } from "./secrets.ts";
import { jsonOf, PlatformError, type ToolCommand } from "./tool.ts";

/** The options of wrangler that name the Worker and the account. */
const WORKER_OPTIONS = {
  name: { type: "string" },
  env: { type: "string", short: "e" },
  config: { type: "string", short: "c" },
  cwd: { type: "string" },
  profile: { type: "string" },
  "env-file": { type: "string" },
} as const;

/** A line of wrangler's output file, as JSON. It says what wrangler did. */
interface Note {
  readonly type: string;
  readonly message?: string;
  readonly targets?: readonly string[];
}

/** Cloudflare Workers, through the wrangler of this repository. */
export function cloudflare({ tool, args, folder }: Session): Platform {
  const wrangler = (words: readonly string[], notes = ""): ToolCommand => ({
    file: process.execPath,
    args: ["node_modules/wrangler/bin/wrangler.js", ...words],
    env: { ...process.env, ...(notes && { WRANGLER_OUTPUT_FILE_PATH: notes }) },
  });

  async function hasSecret(mayLogIn = tool.isInteractive): Promise<boolean> {
    const notes = join(folder, "question");
    const list = ["secret", "list", "--format", "json", ...argumentsNamed(WORKER_OPTIONS, args)];
    const { code, stdout, stderr } = await tool.read(wrangler(list, notes));
    const secrets = code === 0 && jsonOf<{ name: string }[]>(stdout);
    if (secrets) return secrets.some(({ name }) => isWebhookSecret(name));
    const said = lastNote(notes, "command-failed")?.message ?? stderr;
    if (/^Worker "[^"\n]+"[^\n]*not found\./.test(said)) return false;
    // If its output is not a terminal, wrangler asks for a token and does not offer to log in.
    if (mayLogIn && said.includes("CLOUDFLARE_API_TOKEN") && (await tool.show(wrangler(["login"]))) === 0)
      return hasSecret(false);
    const next = "Deploy again, or set WEBHOOK_SECRET in .env.";
    throw new PlatformError(
      `Cloudflare did not say whether the Worker has a WEBHOOK_SECRET, so nothing was deployed. ${next} It said:\n${said.trim()}`,
    );
  }

  async function deploy(secrets: Secrets): Promise<Deployment> {
    const notes = process.env.WRANGLER_OUTPUT_FILE_PATH || join(folder, "deploy");
    const deployWith = (...words: readonly string[]) => tool.show(wrangler(["deploy", ...words, ...args], notes));
    const hasSome = Object.keys(secrets).length > 0;
    // As JSON: in an .env file, wrangler would expand $ in a secret.
    const code = hasSome
      ? await withSecretFile(folder, JSON.stringify(secrets), (file) => deployWith("--secrets-file", file))
      : await deployWith();
    return { code, origin: lastNote(notes, "deploy")?.targets?.find((target) => target.startsWith("https://")) };
  }

  return { title: "Cloudflare", runPlain: () => tool.show(wrangler(["deploy", ...args])), hasSecret, deploy };
}

function lastNote(file: string, type: string): Note | undefined {
  if (!existsSync(file)) return undefined;
  const notes = readFileSync(file, "utf8").trim().split("\n");
  return notes.map((line) => jsonOf<Note>(line)).findLast((note) => note?.type === type);
}
