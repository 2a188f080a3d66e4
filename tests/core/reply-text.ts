import { expect, test } from "vitest";
import { ReplyText } from "../../shared/answer/reply-text.ts";

const FULL = "x".repeat(8192);

/** Whether a promise has settled by the next turn of the event loop. */
async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  let settled = false;
  promise?.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 0));
  return settled;
}

export function replyTextPromises(): void {
  test("a writer waits from 8,192 unread characters on, until fewer are left", async () => {
    const text = new ReplyText();
    expect(text.write("x".repeat(8191))).toBeUndefined();
    const waiting = text.write("x");
    expect(await isSettled(waiting)).toBe(false);
    expect(text.write("y")).toBe(waiting);
    text.read(() => 1);
    expect(await isSettled(waiting)).toBe(false);
    text.read(() => 1);
    expect(await isSettled(waiting)).toBe(true);
    expect(await isSettled(text.write("yy"))).toBe(false);
  });

  test.each<[string, (text: ReplyText) => unknown]>([
    ["is closed", (text) => text.close("")],
    ["is stopped", (text) => text.stop()],
    ["is wanted as a whole", (text) => text.closed()],
  ])("a writer waits no longer when the text %s", async (_, happens) => {
    const text = new ReplyText();
    const waiting = text.write(FULL);
    happens(text);
    expect(await isSettled(waiting)).toBe(true);
    expect(text.write(FULL)).toBeUndefined();
  });

  test("a reader waits for text of which something is left after cleaning, or for the end", async () => {
    const text = new ReplyText();
    const reading = text.readable();
    text.write("\0");
    text.write("");
    text.write("\ud83d");
    expect(await isSettled(reading)).toBe(false);
    text.write("\ude00");
    expect(await isSettled(reading)).toBe(true);
    expect(await isSettled(text.readable())).toBe(true);
    expect(text.read()).toBe("😀");
    const readingOn = text.readable();
    expect(await isSettled(readingOn)).toBe(false);
    text.close("");
    expect(await isSettled(readingOn)).toBe(true);
    expect(await isSettled(text.readable())).toBe(true);
  });

  test("the end is known only when nothing more will be written", async () => {
    const text = new ReplyText();
    const whole = text.closed();
    text.write("one ");
    expect(await isSettled(whole)).toBe(false);
    text.close("two");
    expect(await isSettled(whole)).toBe(true);
    expect(text.isFullyRead).toBe(false);
    expect([text.read(() => 4), text.read(), text.alreadyRead]).toEqual(["one ", "two", "one two"]);
    expect(text.isFullyRead).toBe(true);
  });

  test("nothing is added after the end, and what was dropped is never read", () => {
    const text = new ReplyText();
    text.write("one");
    text.stop();
    text.write("two");
    text.close("three");
    expect(text.read()).toBe("one");
    const dropped = new ReplyText();
    dropped.write("read ");
    dropped.read();
    dropped.write("unread");
    dropped.stop();
    dropped.drop();
    expect([dropped.isFullyRead, dropped.read(), dropped.alreadyRead]).toEqual([true, "", "read "]);
  });

  test("half a surrogate pair waits for its other half, and is U+FFFD if that never comes", () => {
    const text = new ReplyText();
    text.write("a\ud83d");
    expect(text.read()).toBe("a");
    text.write("\ude00b\ud83d");
    expect(text.read()).toBe("😀b");
    text.close("");
    expect(text.read()).toBe("\ufffd");
  });
}
