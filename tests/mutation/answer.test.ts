import { describe } from "vitest";
import { answerPromises } from "../contract/answers.ts";
import { streamPromises } from "../contract/stream.ts";
import { logPromises } from "../core/log.ts";
import { replyReaderPromises } from "../core/reply-readers.ts";
import { replyShapePromises } from "../core/reply-shapes.ts";
import { replyTextPromises } from "../core/reply-text.ts";
import { replyTimePromises } from "../core/reply-time.ts";
import { ssePromises } from "../core/sse.ts";
import { impatient } from "./impatient.ts";

describe("events", ssePromises);
describe("the text of a reply", replyTextPromises);
describe("shapes of replies", replyShapePromises);
describe("the contract", () => {
  answerPromises(impatient);
  streamPromises(impatient);
});
describe("the time of replies", replyTimePromises);
describe("readers of replies", replyReaderPromises);
describe("the log", logPromises);
