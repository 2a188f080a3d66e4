import { expect, test } from "vitest";
import { memoryStore } from "../../shared/once/memory.ts";
import { FIRST_SEQ } from "../support/main-app.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();
/** Its date stands still, so that two requests have the same signature. */
const clock = { ...quickClock, wallTime: () => 1_795_458_797_000 };

test("a copy of a streamed reply is not stored again, and its done names the message that the first one stored", async () => {
  const { chat, background } = webhook(() => "kept", {}, clock, { once: memoryStore(clock) });
  const first = await chat();
  expect(first).toMatchObject({ text: "kept", done: { status: "completed", seq: FIRST_SEQ } });
  await Promise.all(background);
  expect(await chat()).toEqual(first);
  expect(mainApp().messages).toHaveLength(1);
});

test("a copy that runs the logic, because the first one failed, is stored", async () => {
  let tries = 0;
  const reply = () => {
    if (++tries === 1) throw new Error("not now");
    return "the second time";
  };
  const { ask, chat, background } = webhook(reply, {}, clock, { once: memoryStore(clock) });
  expect((await ask("/")).status).toBe(500);
  await Promise.all(background);
  expect(await chat()).toMatchObject({ text: "the second time", done: { seq: FIRST_SEQ } });
  expect(mainApp().messages).toMatchObject([{ content: "the second time" }]);
});
