import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Secrets } from "./secrets.ts";
import type { Tool } from "./tool.ts";

/** A platform on which a webhook can be deployed, through the platform's own tool. */
export interface Platform {
  readonly title: string;
  /** Printed first, if the start takes long. */
  readonly firstWords?: string;
  /** Runs the tool with only the user's arguments. Resolves with its exit code. */
  runPlain(): Promise<number>;
  /** Whether the deployment has a WEBHOOK_SECRET or WEBHOOK_SECRETS. Throws a `PlatformError` if the platform does not say. */
  hasSecret(): Promise<boolean>;
  /** Deploys the code and these secrets. Secrets that are not given stay as they are. */
  deploy(secrets: Secrets): Promise<Deployment>;
}

export interface Deployment {
  /** The tool's exit code. */
  readonly code: number;
  /** Scheme and host, if the platform told them. */
  readonly origin: string | undefined;
}

/** What a platform needs: its tool, the user's arguments for it, and a private folder for temporary files. */
export interface Session {
  readonly tool: Tool;
  readonly args: readonly string[];
  readonly folder: string;
}

/** The arguments that are among `options`, each as `--name value`. With them, a question is about the deployment that is deployed. */
export function argumentsNamed(options: ParseArgsOptionsConfig, args: readonly string[]): string[] {
  const { tokens } = parseArgs({ args: asWritten(args), options, strict: false, allowPositionals: true, tokens: true });
  return tokens.flatMap((token) =>
    token.kind === "option" && token.name in options && token.value !== undefined ? [`--${token.name}`, token.value] : [],
  );
}

/** The arguments in the one spelling that the tools document. Both tools also take `-e=prod` for `-e prod`, and `--dryRun`. */
export function asWritten(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    const [, short, value] = /^(-[a-z])=(.*)$/s.exec(arg) ?? [];
    if (short && value !== undefined) return [short, value];
    return [arg.replace(/^--[a-zA-Z]+/, (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))];
  });
}
