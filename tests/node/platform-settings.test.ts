import { expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";

test("the Worker under test has the platform settings of the deployed one", () => {
  const [deployed, tested] = ["wrangler.toml", "tests/entries/wrangler.toml"].map((config) => unstable_readConfig({ config }));
  for (const setting of ["compatibility_date", "compatibility_flags", "minify", "keep_names"] as const)
    expect(tested?.[setting], setting).toEqual(deployed?.[setting]);
});
