import { describe } from "vitest";
import { changedBitsPromise } from "../core/changed-bits.ts";
import { hmacPromises } from "../core/hmac.ts";
import { readAndLogPromises } from "../core/read-and-log.ts";
import { replyPromises } from "../core/replies.ts";
import { senderFormPromises } from "../core/sender-forms.ts";
import { ssePromises } from "../core/sse.ts";
import { verifyPromises } from "../core/verify.ts";

describe("HMAC in workerd", hmacPromises);
describe("verification in workerd", () => {
  verifyPromises();
  changedBitsPromise((value) => /^[ -~]*$/.test(value));
});
describe("reading and logging in workerd", readAndLogPromises);
describe("sender forms in workerd", () => senderFormPromises(300));
describe("replies in workerd", replyPromises);
describe("events in workerd", ssePromises);
