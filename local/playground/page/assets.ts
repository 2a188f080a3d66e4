import { fileURLToPath } from "node:url";
import type { BuildOptions } from "esbuild";

export interface PageAssets {
  readonly js: string;
  readonly css: string;
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Bundles the page's script and style, in memory. It takes about 50 ms, so call it once, when the server starts. */
export async function pageAssets(): Promise<PageAssets> {
  // Only a clone has esbuild, and only this page needs it.
  const { build } = await import("esbuild");
  const bundled = async (file: string, options: BuildOptions) => {
    const settings = { ...options, entryPoints: [fileOf(file)], bundle: true, minify: true, write: false } as const;
    const { outputFiles } = await build(settings);
    return outputFiles.map(({ text }) => text).join("");
  };
  const [js, css] = await Promise.all([
    bundled("browser/main.tsx", { tsconfig: fileOf("browser/tsconfig.json"), format: "esm", target: "es2022" }),
    bundled("page.css", {}),
  ]);
  return { js, css };
}
