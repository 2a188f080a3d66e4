import { mkdirSync, writeFileSync } from "node:fs";
import { unstable_readConfig } from "wrangler";

/**
 * Writes the settings of a Worker for workerd or wrangler: the date and flags of wrangler.toml, `main` as a path of this
 * repository, and what `more` has. Returns the file's name.
 */
export function workerdConfig(main: string, more: object): string {
  const { compatibility_date, compatibility_flags } = unstable_readConfig({ config: "wrangler.toml" });
  const name = main.replace(/\W+/g, "-");
  const file = `.wrangler/${name}.json`;
  mkdirSync(".wrangler", { recursive: true });
  writeFileSync(file, JSON.stringify({ name, main: `../${main}`, compatibility_date, compatibility_flags, ...more }));
  return file;
}

/** The Durable Objects of the once-only store, without those that a partner may have added to wrangler.toml. */
export function onceObjects(): object {
  const { durable_objects, migrations } = unstable_readConfig({ config: "tests/entries/wrangler.toml" });
  return { durable_objects, migrations };
}
