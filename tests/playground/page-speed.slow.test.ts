import { expect, test } from "vitest";
import { figureAsText, pageFigures } from "../../bench/page.ts";

/** Other tests run beside this one. A task's limit is for its time on the processor, and holds then too. */
const SLOWER = 10;

test("the page is small, is there at once, and does not freeze", { timeout: 180_000 }, async () => {
  for await (const figure of pageFigures({ browsers: 1, pages: 3 })) {
    console.log(figureAsText(figure));
    const { name, value, most } = figure;
    if (most !== undefined) expect(value, name).toBeLessThanOrEqual(name.startsWith("navigation") ? SLOWER * most : most);
  }
});
