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
  /** Whether the deployment has a secret of this name. Throws a `PlatformError` if the platform does not say. */
  hasSecret(name: keyof Secrets): Promise<boolean>;
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
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  return tokens.flatMap((token) =>
    token.kind === "option" && token.name in options && token.value !== undefined ? [`--${token.name}`, token.value] : [],
  );
}
