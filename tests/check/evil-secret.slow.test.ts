import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { startWebhook } from "./broken/base.ts";
import { cli } from "./cli.ts";
import { forms, leakedParts, PASSWORD, QUOTED_SECRET, secretAnswers } from "./evil/secret.ts";
import { startEvil } from "./evil/server.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("leakedParts finds the secret in each of its forms, and parts of it", () => {
  for (const form of forms) expect(leakedParts(QUOTED_SECRET, `> ${form} <`), form).not.toEqual([]);
  expect(leakedParts(QUOTED_SECRET, `> ${QUOTED_SECRET.slice(3, 9)}…`)).not.toEqual([]);
  expect(leakedParts(QUOTED_SECRET, "> $SECRET <")).toEqual([]);
});

describe("no output contains the secret, whatever the webhook says", () => {
  test.concurrent.each(secretAnswers)("in $place", async ({ place, answer }) => {
    await using evil = await startEvil(answer);
    await using good = await startWebhook({ secret: QUOTED_SECRET });
    for (const url of [evil.url, evil.stream]) {
      [url.username, url.password] = ["user", PASSWORD];
      url.searchParams.set("secret", QUOTED_SECRET);
    }
    const junit = join(folder, `${place}.xml`);
    const env = { WEBHOOK_SECRET: `"${QUOTED_SECRET}"` };
    const check = [
      "check",
      evil.url.href,
      "--stream",
      evil.stream.href,
      "--only",
      "C01,C11,C13,C14,S01,S04,S10,S13,S15,E,H01,H16",
    ];

    const ended = [
      await cli([...check, "--junit", junit], { env }),
      await cli([...check, "--json"], { env }),
      await cli([...check, "--compare", good.url.href], { env }),
      await cli(["send", evil.url.href, QUOTED_SECRET, "--show"], { env }),
      await cli(["send", evil.stream.href, "hi"], { env }),
      await cli(["send", evil.stream.href, "hi", "--stream"], { env }),
    ];
    const outputs = ended.flatMap(({ out, err }) => [out, err]);
    if (place !== "a refusal") outputs.push(readFileSync(junit, "utf8"));
    for (const output of outputs) {
      expect(leakedParts(QUOTED_SECRET, output)).toEqual([]);
      expect(leakedParts(PASSWORD, output)).toEqual([]);
    }
    expect(outputs.join()).toContain("$SECRET");
    expect(JSON.parse(ended[1]?.out as string)).toHaveProperty("schema");
  });

  test.each([[], ["--json"]])("in the headers that explain reads %j", async (...options) => {
    const headers = join(folder, "headers.txt");
    writeFileSync(headers, `X-Timestamp: 1767268800\nX-Signature: ${PASSWORD}=${"0".repeat(64)}\n`);
    const { out, err } = await cli(["explain", "-", "--headers", headers, ...options], {
      env: { WEBHOOK_SECRET: PASSWORD },
      input: "{}",
    });
    expect(out).toContain("X-Signature begins with $SECRET= instead of sha256=");
    expect(leakedParts(PASSWORD, out + err)).toEqual([]);
  });
});
