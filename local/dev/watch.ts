import { type Dirent, existsSync, readdirSync, watch } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Folders that no webhook imports from, by their path in the project. */
const IGNORED = /^(?:local|tests|bench|docs|dist)$/;
/** Not the files that an editor makes while it writes. */
const SOURCE = /^[^.].*\.(?:[cm]?[jt]s|json)$/;
/** An editor writes a file in several steps. They are over after this many milliseconds. */
const SETTLED_MS = 100;

/** Counts the edits of source files in a folder and in the folders below it, as far as a webhook can import them. */
export class Edits {
  readonly #watched = new Set<string>();
  #count = 0;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The file that was edited last. */
  last = "";

  constructor(folder: string) {
    this.#watch(folder);
  }

  get count(): number {
    return this.#count;
  }

  /** Resolves when there have been more than `count` edits. */
  async after(count: number): Promise<void> {
    while (this.#count <= count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  // Each folder by itself: with `recursive`, Node 24 on Linux does not see a second replacement of a file (seen).
  #watch(folder: string): void {
    if (this.#watched.has(folder)) return;
    this.#watched.add(folder);
    const watcher = watch(folder, (_, name) => {
      if (existsSync(folder)) {
        this.#watchFoldersIn(folder);
      } else {
        watcher.close();
        this.#watched.delete(folder);
      }
      if (name && SOURCE.test(name)) this.#editing(join(folder, name));
    });
    watcher.on("error", () => this.#watched.delete(folder));
    this.#watchFoldersIn(folder);
  }

  #watchFoldersIn(folder: string): void {
    for (const entry of entriesOf(folder))
      if (entry.isDirectory() && isWatched(join(folder, entry.name))) this.#watch(join(folder, entry.name));
  }

  #editing(file: string): void {
    this.last = file;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#edited(), SETTLED_MS);
  }

  #edited(): void {
    this.#count++;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function isWatched(folder: string): boolean {
  const name = basename(folder);
  return !IGNORED.test(folder) && !name.startsWith(".") && name !== "node_modules";
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // The folder was removed a moment ago.
    return [];
  }
}

/** Calls `changed` once each time that a file is written, created or removed. */
export function watchFile(file: string, changed: () => void): void {
  let timer: NodeJS.Timeout | undefined;
  // The folder, because most editors replace the file.
  watch(dirname(file), { persistent: false }, (_, name) => {
    if (name !== basename(file)) return;
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLED_MS).unref();
  });
}
