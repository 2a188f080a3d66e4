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

describe("HMAC in workerd", hmacPromises);
describe("settings in workerd", () => {
  settingsPromises();
  secretsPromises();
});
describe("verification in workerd", () => {
  verifyPromises();
  changedBitsPromise(17, (value) => /^[ -~]*$/.test(value));
});
describe("secrets of many Apps in workerd", manyAppsPromises);
describe("bodies in workerd", bodyPromises);
describe("the clock in workerd", clockPromises);
describe("once only in workerd", oncePromises);
describe("outside services in workerd", outsideServicePromises);
describe("reading and logging in workerd", () => {
  readAndLogPromises();
  cheapRefusalPromise();
});
describe("the log in workerd", () => {
  logPromises();
  visiblePromises();
});
describe("sender forms in workerd", () => senderFormPromises(300));
describe("the text of a reply in workerd", replyTextPromises);
describe("shapes of replies in workerd", replyShapePromises);
describe("the time of replies in workerd", replyTimePromises);
describe("readers of replies in workerd", replyReaderPromises);
describe("events in workerd", ssePromises);
describe("generated requests in workerd", () => fuzzPromises(150));
describe("faults in workerd", () => faultPromises(5));
