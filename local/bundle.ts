/**
 * Writes dist/, for the package: the `replyhook` command in cli.mjs, with the licences of the libraries in it, and beside it what
 * only the playground loads, because an older Node cannot.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { version } from "../shared/version.ts";
import { pageAssets } from "./playground/page/assets.ts";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

/** The page's script and style as they are: a partner has no esbuild. */
const bundledPage: Plugin = {
  name: "bundled page",
  setup({ onLoad }) {
    onLoad({ filter: /playground\/page\/assets\.ts$/ }, async () => ({
      contents: `export const pageAssets = async () => (${JSON.stringify(await pageAssets())});`,
    }));
  },
};

const { outputFiles, metafile } = await build({
  entryPoints: ["local/cli.ts"],
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  plugins: [bundledPage],
  platform: "node",
  format: "esm",
  // The oldest Node that package.json names.
  target: "node20.15",
  // Without the comments, but with the names: a reader should still find what it does.
  minifyWhitespace: true,
  metafile: true,
  write: false,
});
// The name alone would make `npx`, outside of a clone, download what a stranger has published under it.
const command = `npx --yes ./replyhook-${version}.tgz`;
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
for (const { path, text } of outputFiles) {
  const name = basename(path);
  const code = text.replaceAll("npx replyhook", command);
  writeFileSync(`dist/${name}`, name === "cli.mjs" ? code + licences(metafile) : code);
}

/** As comments: whoever passes on a library must pass on its licence too. */
function licences({ inputs }: Metafile): string {
  const folders = new Set(Object.keys(inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const texts = [...folders].map((folder) => {
    const [file] = globSync(`${folder}/{LICEN[CS]E,licen[cs]e}*`);
    if (!file) throw new Error(`${folder} has no licence.`);
    return `${folder.replace(/^.*node_modules\//, "")}\n\n${readFileSync(file, "utf8").trim()}\n`;
  });
  const lines = texts.join("\n").split("\n");
  return lines.map((line) => `// ${line}`.trimEnd()).join("\n");
}
