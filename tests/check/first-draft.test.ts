import { expect, test } from "vitest";
import { MENDS, startFirstDraft } from "./broken/first-draft.ts";
import { run, verdicts } from "./run.ts";

async function notKept(mended: Parameters<typeof startFirstDraft>[0]): Promise<string[]> {
  await using webhook = await startFirstDraft(mended);
  const report = await run({ ...webhook, stream: undefined });
  return Object.entries(verdicts(report)).flatMap(([id, outcome]) => (["fail", "warn"].includes(outcome) ? [id] : []));
}

test("the webhook that people write first gets the list of what is missing", async () => {
  expect((await notKept([])).join(" ")).toBe(
    "C14 T01 T02 T03 T05 T06 T07 S01 S02 S03 S07 S08 S10 S11 S12 S15 S16 H01 H02 H03 H04 H09 H12 H13 H14 H15 H16 H18",
  );
});

test("its hints, followed one by one, make it pass", async () => {
  const mended: (typeof MENDS)[number]["mend"][] = [];
  for (const { mend, ends } of MENDS) {
    mended.push(mend);
    const left = await notKept(mended);
    expect(
      left.filter((id) => ends.some((end) => end === id)),
      mend,
    ).toEqual([]);
  }
  expect(await notKept(mended)).toEqual([]);
}, 120_000);
