import { globSync, readFileSync, statSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, relative, resolve } from "node:path";

const IN_BUNDLE = /^(\s+at )(?:.*\()?index\.js:(\d+):(\d+)\)?$/;
/** Where `wrangler dev` puts its bundle. The folder is there while it runs. */
const MAPS = ".wrangler/tmp/dev-*/index.js.map";

/**
 * If a line of a stack names a place in the bundle of `wrangler dev`, names the place in the source instead. For an error
 * at the top level of a module, wrangler itself names only the bundle.
 */
export function inSource(line: string): string {
  const [, at, row, column] = IN_BUNDLE.exec(line) ?? [];
  // Most lines are no frame, and then no file is read.
  if (!at) return line;
  const [map] = globSync(MAPS).sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  if (!map) return line;
  const origin = new SourceMap(JSON.parse(readFileSync(map, "utf8")) as SourceMapPayload).findOrigin(
    Number(row),
    Number(column),
  );
  if (!("fileName" in origin)) return line;
  return `${at}${relative(".", resolve(dirname(map), origin.fileName))}:${origin.lineNumber}:${origin.columnNumber}`;
}
