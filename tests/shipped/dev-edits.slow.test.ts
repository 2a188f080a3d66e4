import { describe, expect, test } from "vitest";
import { sendTo } from "../support/http-target.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { textOf } from "../support/target.ts";
import { devEditPromises, editing, POLL } from "./dev-edits.ts";

devEditPromises("dev");
devEditPromises("dev:node");

describe("npm run dev:node, which an edit starts again", () => {
  const started = editing("dev:node");

  test("ends replies in progress as a stop does, and waits for the next edit until a Ctrl-C", async () => {
    const never = 'export const reply = () => {\n  console.log("asked");\n  return new Promise(() => {});\n};\n';
    const { port, running, edit, reply } = await started({ "shared/reply.ts": never });
    await running.printed(`/run      http://localhost:${port}/`);
    const inProgress = sendTo(port, { ...unsigned(JSON.stringify(payload("hello"))), path: "/stream" });
    await running.printed("asked");
    edit("shared/reply.ts", 'export const reply = () => "edited";\n');
    expect(textOf(await inProgress)).toContain("event: done");
    await expect.poll(reply, POLL).toBe("edited");

    edit("shared/reply.ts", "export const reply = () => `unterminated;\n");
    await running.printed("It starts again at your next edit.");
    running.signal("SIGINT");
    await running.exited;
  });
});
