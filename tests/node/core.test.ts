import { describe } from "vitest";
import { bodyPromises } from "../core/bodies.ts";
import { changedBitsPromise } from "../core/changed-bits.ts";
import { clockPromises } from "../core/clock.ts";
import { faultPromises } from "../core/faults.ts";
import { fuzzPromises } from "../core/fuzz.ts";
import { hmacPromises } from "../core/hmac.ts";
import { logPromises } from "../core/log.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { oncePromises } from "../core/once/index.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { cheapRefusalPromise, readAndLogPromises } from "../core/read-and-log.ts";
import { replyReaderPromises } from "../core/reply-readers.ts";
import { replyShapePromises } from "../core/reply-shapes.ts";
import { replyTextPromises } from "../core/reply-text.ts";
import { replyTimePromises } from "../core/reply-time.ts";
import { secretsPromises } from "../core/secrets.ts";
import { senderFormPromises } from "../core/sender-forms.ts";
import { settingsPromises } from "../core/settings.ts";
import { ssePromises } from "../core/sse.ts";
import { verifyPromises } from "../core/verify.ts";
import { visiblePromises } from "../core/visible.ts";

describe("HMAC on Node", hmacPromises);
describe("settings on Node", () => {
  settingsPromises();
  secretsPromises();
});
describe("verification on Node", () => {
  verifyPromises();
  changedBitsPromise(17);
});
describe("secrets of many Apps on Node", manyAppsPromises);
describe("bodies on Node", bodyPromises);
describe("the clock on Node", clockPromises);
describe("once only on Node", oncePromises);
describe("outside services on Node", outsideServicePromises);
describe("reading and logging on Node", () => {
  readAndLogPromises();
  cheapRefusalPromise();
});
describe("the log on Node", () => {
  logPromises();
  visiblePromises();
});
describe("sender forms on Node", () => senderFormPromises(2000));
describe("the text of a reply on Node", replyTextPromises);
describe("shapes of replies on Node", replyShapePromises);
describe("the time of replies on Node", replyTimePromises);
describe("readers of replies on Node", replyReaderPromises);
describe("events on Node", ssePromises);
describe("generated requests on Node", () => fuzzPromises(400));
describe("faults on Node", () => faultPromises(15));
