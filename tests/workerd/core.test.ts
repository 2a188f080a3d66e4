import { describe } from "vitest";
import { hmacPromises } from "../core/hmac.ts";
import { replyPromises } from "../core/replies.ts";
import { senderFormPromises } from "../core/sender-forms.ts";

describe("HMAC in workerd", hmacPromises);
describe("sender forms in workerd", () => senderFormPromises(300));
describe("replies in workerd", replyPromises);
