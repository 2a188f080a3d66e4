import { describe } from "vitest";
import { hmacPromises } from "../core/hmac.ts";
import { senderFormPromises } from "../core/sender-forms.ts";

describe("HMAC in workerd", hmacPromises);
describe("sender forms in workerd", () => senderFormPromises(300));
