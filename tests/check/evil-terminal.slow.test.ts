import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { startWebhook } from "./broken/base.ts";
import { cli } from "./cli.ts";
import { startEvil } from "./evil/server.ts";
import { terminalAnswers } from "./evil/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The characters that control a terminal, except line feeds and tabs. No output may contain them. */
const CONTROLS = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const VERDICT = /^(?:PASS|FAIL)/gm;
const ONLY = "C01,C03,C11,C12,C13,C14,H12,H16,E,L03";

function controlsIn(output: string): string[] {
  return [...output].filter((char) => CONTROLS.test(char)).map((char) => `U+${char.charCodeAt(0).toString(16)}`);
}

describe("no text of a webhook controls the terminal or looks like a line of the command", () => {
  test.concurrent.each(terminalAnswers)("in $place", async ({ place, answer, seen }) => {
    await using evil = await startEvil(answer);
    await using good = await startWebhook({ secret: "" });
    const junit = join(folder, `${place}.xml`);
    const { href: url } = evil.url;
    const check = ["check", url, "--stream", evil.stream.href, "--only", ONLY, "--timeout", "2000"];

    const text = await cli([...check, "--junit", junit]);
    const json = await cli([...check, "--json", "--secret", "a secret of ours"]);
    const compared = await cli([...check, "--compare", good.url.href]);
    const sent = await cli(["send", url, "hi", "--timeout", "2000"]);
    const streamed = await cli(["send", evil.stream.href, "hi", "--timeout", "2000"]);
    const live = await cli(["send", evil.stream.href, "hi", "--stream", "--show", "--timeout", "2000"]);
    const xml = place === "a refusal" ? "" : readFileSync(junit, "utf8");

    const outputs = [text, json, compared, sent, streamed, live].flatMap(({ out, err }) => [out, err]);
    // The request that --show prints is our own, with \r\n.
    for (const output of [...outputs, xml])
      expect(controlsIn(output.replace(/^[\w-]+: [ -~]*\r$|^\r$|^POST .*\r$/gm, ""))).toEqual([]);
    for (const { out } of [sent, streamed, live]) expect(out).not.toMatch(VERDICT);
    expect(text.out.match(VERDICT)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(() => JSON.parse(json.out)).not.toThrow();
    expect(xml.replace(/<[^<>]*>/g, "")).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/);
    const all = outputs.join("\n");
    for (const name of seen) expect(all).toContain(`<${name}>`);
  });
});
