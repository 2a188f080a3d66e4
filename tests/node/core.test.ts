import { describe } from "vitest";
import { bodyPromises } from "../core/bodies.ts";
import { changedBitsPromise } from "../core/changed-bits.ts";
import { faultPromises } from "../core/faults.ts";
import { fuzzPromises } from "../core/fuzz.ts";
import { hmacPromises } from "../core/hmac.ts";
import { logPromises } from "../core/log.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { oncePromises } from "../core/once.ts";
import { turnPromises } from "../core/once-turns.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { cheapRefusalPromise, readAndLogPromises } from "../core/read-and-log.ts";
import { replyReaderPromises } from "../core/reply-readers.ts";
import { replyShapePromises } from "../core/reply-shapes.ts";
import { replyTextPromises } from "../core/reply-text.ts";
import { replyTimePromises } from "../core/reply-time.ts";
import { cheapAsciiPromise, senderFormPromises } from "../core/sender-forms.ts";
import { settingsPromises } from "../core/settings.ts";
import { ssePromises } from "../core/sse.ts";
import { verifyPromises } from "../core/verify.ts";

describe("HMAC on Node", hmacPromises);
describe("settings on Node", settingsPromises);
describe("verification on Node", () => {
  verifyPromises();
  changedBitsPromise(17);
});
describe("secrets of many Apps on Node", manyAppsPromises);
describe("bodies on Node", bodyPromises);
describe("once only on Node", oncePromises);
describe("turns of copies on Node", turnPromises);
describe("outside services on Node", outsideServicePromises);
describe("reading and logging on Node", () => {
  readAndLogPromises();
  cheapRefusalPromise();
});
describe("the log on Node", logPromises);
describe("sender forms on Node", () => {
  senderFormPromises(2000);
  cheapAsciiPromise();
});
describe("the text of a reply on Node", replyTextPromises);
describe("shapes of replies on Node", replyShapePromises);
describe("the time of replies on Node", replyTimePromises);
describe("readers of replies on Node", replyReaderPromises);
describe("events on Node", ssePromises);
describe("generated requests on Node", () => fuzzPromises(1000));
describe("faults on Node", () => faultPromises(40));
