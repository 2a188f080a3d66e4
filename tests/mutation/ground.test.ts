import { describe } from "vitest";
import { answerPromises } from "../contract/answers.ts";
import { badInputPromises } from "../contract/bad-input.ts";
import { routePromises } from "../contract/routes.ts";
import { signaturePromises } from "../contract/signature.ts";
import { bodyPromises } from "../core/bodies.ts";
import { logPromises } from "../core/log.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { oncePromises } from "../core/once.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { readAndLogPromises } from "../core/read-and-log.ts";
import { replyShapePromises } from "../core/reply-shapes.ts";
import { verifyPromises } from "../core/verify.ts";
import { impatient } from "./impatient.ts";

describe("the contract", () => {
  routePromises(impatient);
  signaturePromises(impatient);
  badInputPromises(impatient);
  answerPromises(impatient);
});
describe("verification", verifyPromises);
describe("many Apps", manyAppsPromises);
describe("the log", logPromises);
describe("reading and logging", readAndLogPromises);
describe("outside services", outsideServicePromises);
describe("bodies", bodyPromises);
describe("shapes of replies", replyShapePromises);
describe("once only", oncePromises);
