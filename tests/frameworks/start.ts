import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "../../local/dev/port.ts";

const run = promisify(execFile);
const HERE = resolve("tests/frameworks");
const EXPRESS = "express@5.2.1";
const LONGEST_START_MS = 60_000;

/** A webhook that is correct, in a language and a framework that partners use. */
export interface Framework {
  readonly name: string;
  /** The commands that it needs. Without them it cannot be checked. */
  readonly needs: readonly string[];
  readonly streams: boolean;
  /** Makes everything ready, in an empty folder, and returns the program to start on `port`. */
  command(folder: string, port: number, children: Children): Promise<Program>;
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** The programs that are started for one webhook. */
class Children implements AsyncDisposable {
  readonly #running: ChildProcess[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Starts a program and waits until it listens on `port`. */
  async start({ file, args, cwd }: Program, port: number): Promise<void> {
    const child = spawn(file, args, { cwd, env: { ...this.#env, PORT: String(port) }, stdio: ["ignore", "ignore", "pipe"] });
    this.#running.push(child);
    let errors = "";
    child.stderr?.on("data", (data) => (errors += data));
    for (const until = Date.now() + LONGEST_START_MS; !(await listens(port)); await sleep(50)) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`${file} did not start: ${errors}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null) continue;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const python = (name: string, file: string): Framework => ({
  name,
  needs: ["python3"],
  streams: true,
  async command(folder) {
    await run("python3", ["-m", "venv", folder]);
    await run(join(folder, "bin/pip"), ["install", "-q", "-r", join(HERE, "requirements.txt")]);
    return { file: join(folder, "bin/python"), args: ["-B", join(HERE, file)] };
  },
});

const go: Framework = {
  name: "Go's net/http",
  needs: ["go"],
  streams: true,
  async command(folder) {
    const file = join(folder, "webhook");
    await run("go", ["build", "-o", file, "."], { cwd: join(HERE, "go") });
    return { file, args: [] };
  },
};

export const frameworks: readonly Framework[] = [
  python("Flask", "flask_webhook.py"),
  python("FastAPI", "fastapi_webhook.py"),
  {
    name: "Express",
    needs: ["node", "npm"],
    streams: true,
    async command(folder) {
      await run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, EXPRESS]);
      const file = join(folder, "express_webhook.mjs");
      writeFileSync(file, readFileSync(join(HERE, "express_webhook.mjs")));
      return { file: process.execPath, args: [file] };
    },
  },
  go,
  {
    name: "PHP's built-in server",
    needs: ["php"],
    streams: false,
    command: async (_, port) => ({ file: "php", args: ["-S", `127.0.0.1:${port}`, join(HERE, "webhook.php")] }),
  },
  {
    name: "nginx, in front of Go",
    needs: ["go", "nginx"],
    streams: true,
    async command(folder, port, children) {
      const upstream = await freePort();
      await children.start(await go.command(folder, upstream, children), upstream);
      const values: Record<string, string> = { PORT: String(port), UPSTREAM: String(upstream), FOLDER: folder };
      const conf = readFileSync(join(HERE, "nginx.conf"), "utf8").replace(/\$\{(\w+)\}/g, (_, name) => values[name] ?? "");
      writeFileSync(join(folder, "nginx.conf"), conf);
      return { file: "nginx", args: ["-p", folder, "-c", join(folder, "nginx.conf")] };
    },
  },
];

/** Starts a framework's webhook on a free port. Disposing of it stops all that was started. */
export async function startFramework({ command }: Framework, secret: string) {
  const folder = mkdtempSync(join(tmpdir(), "replyhook-framework-"));
  // nginx's workers run as another user.
  chmodSync(folder, 0o755);
  const home = join(folder, "home");
  mkdirSync(home);
  const children = new Children({ PATH: process.env.PATH, HOME: home, WEBHOOK_SECRET: secret });
  const port = await freePort();
  const stop = async () => {
    await children[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await children.start(await command(folder, port, children), port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: new URL(`http://127.0.0.1:${port}/`), [Symbol.asyncDispose]: stop };
}
