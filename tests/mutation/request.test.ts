import { describe } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { answerPromises } from "../contract/answers.ts";
import { badInputPromises } from "../contract/bad-input.ts";
import type { TargetStarter } from "../contract/index.ts";
import { signaturePromises } from "../contract/signature.ts";
import { vectorPromises } from "../contract/vectors.ts";
import { bodyPromises } from "../core/bodies.ts";
import { changedBitsPromise } from "../core/changed-bits.ts";
import { hmacPromises } from "../core/hmac.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { readAndLogPromises } from "../core/read-and-log.ts";
import { cheapAsciiPromise, senderFormPromises } from "../core/sender-forms.ts";
import { verifyPromises } from "../core/verify.ts";
import { inProcess } from "../support/in-process-target.ts";
import { RECORDED_AT } from "../support/vectors.ts";

/** The waits of an answer are no concern of a request, and a hundred of them take long. */
const impatient = { after: (ms: number, task: () => void) => systemClock.after(ms / 20, task) };
const starter: TargetStarter = {
  name: "the core",
  start: async (env) => ({ target: inProcess(env, RECORDED_AT, impatient), stop: async () => {} }),
};

// The quick ones first: Stryker stops at the first test that fails.
describe("HMAC", hmacPromises);
describe("verification", verifyPromises);
describe("many Apps", manyAppsPromises);
describe("the contract", () => {
  signaturePromises(starter);
  badInputPromises(starter);
  answerPromises(starter);
});
describe("bodies", bodyPromises);
describe("outside services", outsideServicePromises);
describe("reading and logging", readAndLogPromises);
describe("sender forms", () => {
  senderFormPromises(300);
  cheapAsciiPromise();
});
describe("recorded requests", () => vectorPromises(starter));
describe("changed bits", () => changedBitsPromise(101));
