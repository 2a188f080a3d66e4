import { expect, test } from "vitest";
import { FIXES, startFirstDraft } from "./broken/first-draft.ts";
import { run, verdicts } from "./run.ts";

async function notKept(fixed: Parameters<typeof startFirstDraft>[0]): Promise<string[]> {
  await using webhook = await startFirstDraft(fixed);
  const report = await run({ ...webhook, stream: undefined });
  return Object.entries(verdicts(report)).flatMap(([id, outcome]) => (["fail", "warn"].includes(outcome) ? [id] : []));
}

test("the webhook that people write first gets the list of what is missing", async () => {
  expect((await notKept([])).join(" ")).toBe(
    "C14 T01 T02 T03 T05 T06 T07 S01 S02 S03 S07 S08 S10 S11 S12 S15 S16 H01 H02 H03 H04 H09 H12 H13 H14 H15 H18 H20 H25 H16",
  );
});

test("the webhook passes after its hints are followed one by one", async () => {
  const fixed: (typeof FIXES)[number]["fix"][] = [];
  for (const { fix, ends } of FIXES) {
    fixed.push(fix);
    const left = await notKept(fixed);
    expect(
      left.filter((id) => ends.some((end) => end === id)),
      fix,
    ).toEqual([]);
  }
  expect(await notKept(fixed)).toEqual([]);
}, 120_000);
