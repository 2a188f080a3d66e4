import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";

/** The bytes of a file, unaltered; `-` is stdin. Rejects with one sentence. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    // Not by its number, 0: a pipe that is not full yet cannot be read that way (EAGAIN).
    return await (file === "-" ? buffer(process.stdin) : readFile(file));
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
