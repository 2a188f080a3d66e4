import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Secrets } from "./secrets.ts";
import type { Tool } from "./tool.ts";

/** Where a webhook is deployed, and how the platform's own tool is asked and told. */
export interface Platform {
  readonly title: string;
  /** Printed before the start, where that takes long enough to wonder. */
  readonly firstWords?: string;
  /** Runs the tool with the person's arguments and nothing else. Resolves with its exit code. */
  runPlain(): Promise<number>;
  /** Whether the deployment has a secret of this name. A `PlatformError` where the platform does not say. */
  hasSecret(name: keyof Secrets): Promise<boolean>;
  /** Deploys the code, with these secrets sent along or before it; secrets that are not given stay as they are. */
  deploy(secrets: Secrets): Promise<Deployment>;
}

export interface Deployment {
  /** The tool's exit code. */
  readonly code: number;
  /** The address, where the platform said it: scheme and host. */
  readonly origin: string | undefined;
}

/** What a platform works with: its tool, the person's arguments for it, and a folder for its files that is private and does not last. */
export interface Session {
  readonly tool: Tool;
  readonly args: readonly string[];
  readonly folder: string;
}

/** Those of the arguments that are among `options`, each as `--name value`: to ask of the same deployment that is deployed. */
export function argumentsNamed(options: ParseArgsOptionsConfig, args: readonly string[]): string[] {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  return tokens.flatMap((token) =>
    token.kind === "option" && token.name in options && token.value !== undefined ? [`--${token.name}`, token.value] : [],
  );
}
