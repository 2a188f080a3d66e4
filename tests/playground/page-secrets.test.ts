import { expect, test } from "vitest";
import { SECRET } from "./main-app.ts";
import { delta, done } from "./page-client.ts";
import { answer, chunks, type Steps, startRawWebhook } from "./raw-webhook.ts";
import { pageAndNode } from "./started.ts";

const { page } = await pageAndNode();

/** Where the secret begins just before a quote is cut: half of it is a secret too. */
const FAR = "x".repeat(155);
const problem = (member: string) =>
  answer(JSON.stringify({ [member]: `${FAR}${SECRET}` }), {
    ...{ status: "401 No", type: "application/problem+json" },
  });

const rows: [name: string, steps: Steps, more?: { route: "run" }][] = [
  ["the detail of a problem", problem("detail")],
  ["the code of a problem", problem("code")],
  ["the title of a problem", problem("title")],
  ["an error's body", answer(`${FAR}${SECRET}`, { status: "500 Oops" })],
  ["a redirect", answer("", { status: "302 Found", headers: `Location: /${SECRET}\r\n` })],
  ["a content type", answer("", { type: `text/${SECRET}` })],
  ["an error event", chunks([`event: error\ndata: {"message":"${FAR}${SECRET}"}\n\n`])],
  ["the status in done", chunks([done({ status: SECRET })])],
  ["a delta", chunks([delta(SECRET), done({})])],
  ["a delta that is cut", chunks([delta(`${"x".repeat(30)}${SECRET}`), done({})])],
  ["an event's name", chunks([`event: ${SECRET}\ndata: {}\n\n`, done({})])],
  ["the name of an event in two reads", chunks([`event: ${SECRET}\ndata`, 60, ": {}\n\n", done({})])],
  ["no HTTP", [`NOPE ${SECRET}\r\n\r\n`]],
  ["a member that the main app drops", answer(JSON.stringify({ reply: "a", [SECRET]: 1 })), { route: "run" }],
  ["an error's body through /run", answer(`${FAR}${SECRET}`, { status: "500 Oops" }), { route: "run" }],
];

test.each(rows)("shows $SECRET in what is said of %s", async (_, steps, more = undefined) => {
  using webhook = await startRawWebhook(steps);
  const chat = await page.chat({ webhookUrl: webhook.url });

  const sent = await chat.send("hi", more);
  const broken = await chat.send("hi", { ...more, break: "non-ascii" });

  for (const exchange of [sent, broken]) {
    const { text: _, reads, ...said } = await page.details(exchange);
    const shown = [JSON.stringify(said), ...reads.map(({ bytes, makes }) => makes + Buffer.from(bytes, "base64"))].join();
    expect(shown).toContain("$SECRET");
    expect(shown).not.toContain(SECRET.slice(0, 4));
  }
});
