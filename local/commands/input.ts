import { readFileSync } from "node:fs";

/** The bytes of a file, unaltered; `-` is stdin. Throws with one sentence. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
