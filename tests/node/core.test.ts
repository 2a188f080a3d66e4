import { describe } from "vitest";
import { changedBitsPromise } from "../core/changed-bits.ts";
import { hmacPromises } from "../core/hmac.ts";
import { readAndLogPromises } from "../core/read-and-log.ts";
import { replyPromises } from "../core/replies.ts";
import { senderFormPromises } from "../core/sender-forms.ts";
import { ssePromises } from "../core/sse.ts";
import { verifyPromises } from "../core/verify.ts";

describe("HMAC on Node", hmacPromises);
describe("verification on Node", () => {
  verifyPromises();
  changedBitsPromise();
});
describe("reading and logging on Node", readAndLogPromises);
describe("sender forms on Node", () => senderFormPromises(2000));
describe("replies on Node", replyPromises);
describe("events on Node", ssePromises);
