import { describe } from "vitest";
import { hmacPromises } from "../core/hmac.ts";
import { replyPromises } from "../core/replies.ts";
import { senderFormPromises } from "../core/sender-forms.ts";

describe("HMAC on Node", hmacPromises);
describe("sender forms on Node", () => senderFormPromises(2000));
describe("replies on Node", replyPromises);
