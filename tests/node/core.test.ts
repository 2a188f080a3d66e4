import { describe } from "vitest";
import { hmacPromises } from "../core/hmac.ts";
import { senderFormPromises } from "../core/sender-forms.ts";

describe("HMAC on Node", hmacPromises);
describe("sender forms on Node", () => senderFormPromises(2000));
