import { mkdirSync, writeFileSync } from "node:fs";
import { UsageError } from "../usage-error.ts";

const FOLDER = ".replyhook";

/** The data file of this folder's playground. Its folder is made, for this user alone, because the file has secrets; git ignores it. */
export function dataFileHere(): string {
  try {
    mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
    writeFileSync(`${FOLDER}/.gitignore`, "*\n");
  } catch (error) {
    throw new UsageError(`${FOLDER} of this folder cannot be written: ${(error as NodeJS.ErrnoException).code}.`);
  }
  return `${FOLDER}/playground.sqlite`;
}
