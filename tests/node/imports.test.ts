import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { isPartners } from "../support/partners.ts";

/** The base: any file in shared/ may import these. Keep it small. */
const BASE = [
  ...["bounded", "clock", "define-reply", "error-text", "exchange", "execution-context", "header-safe", "json-text", "log"],
  ...["outside-service", "plain-url", "problem", "redact", "reply-types", "secrets", "settings", "test-clock", "time-line"],
  ...["uuid", "version", "visible"],
];
const ROOMS = ["request", "once", "answer", "partner-api"];
/** The layers, from the top. A file may import from its own layer and from those below. */
const LAYERS: readonly (readonly [layer: string, files: RegExp])[] = [
  [
    "the entries, and the programs on your computer",
    /^(?:workers|functions|examples|bin|local|bench|tests)\/|^shared\/testing\.ts$/,
  ],
  ["the app", /^shared\/app\.ts$/],
  ["the pipeline and the pages", /^shared\/(?:pipeline\.ts$|pages\/)/],
  // A partner may add files and folders of any name to shared/.
  ["the partner's reply, and the replies to start from", new RegExp(`^shared/(?!(?:${[...BASE, ...ROOMS].join("|")})[./])`)],
  ["requests and answers", /^shared\/(?:request|once|answer)\//],
  ["the Partner API", /^shared\/partner-api\//],
  ["the base", /^shared\/[^/]+$/],
];
/** Folders of one layer that must not import each other. */
const SEPARATE: readonly string[][] = [
  ["workers", "functions", "examples", "local"],
  ["shared/request", "shared/once", "shared/answer"],
];

const files = globSync("{workers,functions,examples,bin,local,shared}/**/*.{ts,mts,mjs}")
  .map(normalize)
  .filter((file) => !isPartners(file));
const rankOf = (file: string) => LAYERS.findIndex(([, pattern]) => pattern.test(file));

/** Our files that a file imports at run time. Type imports are free. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^(?:import|export)\s+(?!type\s)[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm)]
    .filter(([statement]) => !/^(?:import|export)\s*\{(?:\s*type\s[^,}]+,?)+\s*\}/.test(statement))
    .map(([, from, called]) => normalize(join(dirname(file), from ?? called ?? "")));
}

test("imports point one way: from the entries to the base, never back", () => {
  const against = files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => rankOf(imported) < rankOf(file))
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(against).toEqual([]);
});

test.each(SEPARATE)("%s, %s ... do not import each other", (...folders) => {
  const folderOf = (file: string) => folders.find((folder) => file.startsWith(`${folder}/`));
  const crossing = files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => folderOf(file) && folderOf(imported) && folderOf(file) !== folderOf(imported))
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(crossing).toEqual([]);
});

test("imports have no circle", () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, chain: string[]) => {
    if (chain.includes(file)) circles.push([...chain.slice(chain.indexOf(file)), file].join(" → "));
    else if (!done.has(file)) {
      for (const imported of importsOf(file)) visit(imported, [...chain, file]);
      done.add(file);
    }
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test("the base has no file that does not exist", () => {
  expect(BASE.filter((name) => !existsSync(`shared/${name}.ts`))).toEqual([]);
});

/** What contains or starts the partner's reply. */
const REACHES_THE_REPLY =
  /"[./]+\/(?:shared\/reply\.ts|workers\/index\.ts|functions\/webhook\/index\.mts)"|npm-script\.ts"|\bserver\.mjs"/;
/** They test a project with a reply of their own. */
const OWN_REPLY = ["tests/http/shop-reply.test.ts", "tests/node/upgrade.slow.test.ts"];

test("only tests in tests/shipped, tests/netlify-cli and tests/reply depend on the partner's reply", () => {
  const others = globSync("tests/**/*.ts", { exclude: ["tests/shipped/**", "tests/netlify-cli/**", "tests/reply/**"] });
  const reaching = others.filter((file) => REACHES_THE_REPLY.test(readFileSync(file, "utf8")));
  expect(reaching.map(normalize).sort()).toEqual(OWN_REPLY);
});
