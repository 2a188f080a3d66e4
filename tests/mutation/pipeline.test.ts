import { describe } from "vitest";
import { answerPromises } from "../contract/answers.ts";
import { routePromises } from "../contract/routes.ts";
import { signaturePromises } from "../contract/signature.ts";
import { logPromises } from "../core/log.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { oncePromises } from "../core/once/index.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { readAndLogPromises } from "../core/read-and-log.ts";
import { replyReaderPromises } from "../core/reply-readers.ts";
import { replyTimePromises } from "../core/reply-time.ts";
import { impatient } from "./impatient.ts";

describe("the contract", () => {
  routePromises(impatient);
  signaturePromises(impatient);
  answerPromises(impatient);
});
describe("many Apps", manyAppsPromises);
describe("the log", logPromises);
describe("reading and logging", readAndLogPromises);
describe("outside services", outsideServicePromises);
describe("once only", oncePromises);
describe("the time of replies", replyTimePromises);
describe("readers of replies", replyReaderPromises);
