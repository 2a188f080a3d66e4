import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { UsageError } from "../usage-error.ts";

/** The bytes of a file, unchanged; `-` is stdin. Rejects with an error of one sentence. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    // Not readFile(0): on a pipe without data yet, that fails with EAGAIN.
    return await (file === "-" ? buffer(process.stdin) : readFile(file));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** The text of a file. Throws a `UsageError` of one sentence. */
export function fileText(file: string): string {
  try {
    // Windows editors write a byte order mark at the start, which this removes.
    return new TextDecoder().decode(readFileSync(file));
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
