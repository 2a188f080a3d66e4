import { describe } from "vitest";
import { answerPromises } from "../contract/answers.ts";
import { badInputPromises } from "../contract/bad-input.ts";
import { signaturePromises } from "../contract/signature.ts";
import { vectorPromises } from "../contract/vectors.ts";
import { bodyPromises } from "../core/bodies.ts";
import { hmacPromises } from "../core/hmac.ts";
import { logPromises } from "../core/log.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { readAndLogPromises } from "../core/read-and-log.ts";
import { senderFormPromises } from "../core/sender-forms.ts";
import { verifyPromises } from "../core/verify.ts";
import { impatient } from "./impatient.ts";

// Stryker stops at the first test that fails, so the order is by what is found per second. Without the tests that go over
// millions of bytes: a changed loop that never ends is stopped after a hundred times as many rounds.
describe("sender forms", () => senderFormPromises(300));
describe("HMAC", hmacPromises);
describe("verification", verifyPromises);
describe("many Apps", manyAppsPromises);
describe("the contract", () => {
  signaturePromises(impatient);
  badInputPromises(impatient);
  answerPromises(impatient);
});
describe("bodies", bodyPromises);
describe("outside services", outsideServicePromises);
describe("reading and logging", readAndLogPromises);
describe("the log", logPromises);
describe("recorded requests", () => vectorPromises(impatient));
