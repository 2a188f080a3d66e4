import { describe } from "vitest";
import { badInputPromises } from "../contract/bad-input.ts";
import { bodyPromises } from "../core/bodies.ts";
import { clockPromises } from "../core/clock.ts";
import { logPromises } from "../core/log.ts";
import { manyAppsPromises } from "../core/many-apps.ts";
import { outsideServicePromises } from "../core/outside-services.ts";
import { readAndLogPromises } from "../core/read-and-log.ts";
import { replyShapePromises } from "../core/reply-shapes.ts";
import { secretsPromises } from "../core/secrets.ts";
import { settingsPromises } from "../core/settings.ts";
import { visiblePromises } from "../core/visible.ts";
import { impatient } from "./impatient.ts";

// A change of what a file computes when it is loaded is tried with all of these tests: the quick ones come first.
describe("settings", settingsPromises);
describe("secrets", secretsPromises);
describe("shown texts", visiblePromises);
describe("the log", logPromises);
describe("many Apps", manyAppsPromises);
describe("reading and logging", readAndLogPromises);
describe("the clock", clockPromises);
describe("bodies", bodyPromises);
describe("outside services", outsideServicePromises);
describe("the contract", () => badInputPromises(impatient));
describe("shapes of replies", replyShapePromises);
