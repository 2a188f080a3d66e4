import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";

/** The bytes of a file, unchanged; `-` is stdin. Rejects with an error of one sentence. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    // Not readFile(0): on a pipe without data yet, that fails with EAGAIN.
    return await (file === "-" ? buffer(process.stdin) : readFile(file));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
