import { describe } from "vitest";
import { bodyPromises } from "../core/bodies.ts";
import { changedBitsPromise } from "../core/changed-bits.ts";
import { hmacPromises } from "../core/hmac.ts";
import { logPromises } from "../core/log.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { oncePromises } from "../core/once.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { cheapRefusalPromise, readAndLogPromises } from "../core/read-and-log.ts";
import { replyReaderPromises } from "../core/reply-readers.ts";
import { replyShapePromises } from "../core/reply-shapes.ts";
import { replyTextPromises } from "../core/reply-text.ts";
import { replyTimePromises } from "../core/reply-time.ts";
import { senderFormPromises } from "../core/sender-forms.ts";
import { settingsPromises } from "../core/settings.ts";
import { ssePromises } from "../core/sse.ts";
import { verifyPromises } from "../core/verify.ts";

describe("HMAC in workerd", hmacPromises);
describe("settings in workerd", settingsPromises);
describe("verification in workerd", () => {
  verifyPromises();
  changedBitsPromise(17, (value) => /^[ -~]*$/.test(value));
});
describe("secrets of many Apps in workerd", manyAppsPromises);
describe("bodies in workerd", bodyPromises);
describe("once only in workerd", oncePromises);
describe("outside services in workerd", outsideServicePromises);
describe("reading and logging in workerd", () => {
  readAndLogPromises();
  cheapRefusalPromise();
});
describe("the log in workerd", logPromises);
describe("sender forms in workerd", () => senderFormPromises(300));
describe("the text of a reply in workerd", replyTextPromises);
describe("shapes of replies in workerd", replyShapePromises);
describe("the time of replies in workerd", replyTimePromises);
describe("readers of replies in workerd", replyReaderPromises);
describe("events in workerd", ssePromises);
