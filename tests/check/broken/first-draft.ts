/**
 * The webhook that people write first, in one file. It accepts requests without signature headers, verifies only the raw
 * body, and answers 500 to anything unusual. Each fix does only what the hint of a check says.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunningWebhook } from "./base.ts";

const SECRET = "whsec_of_the_first_draft";

export const FIXES = [
  { fix: "fail closed", ends: ["S01", "S02", "S03", "S10"] },
  { fix: "300 s of tolerance", ends: ["S07", "S08"] },
  { fix: "only digits in a timestamp", ends: ["S11"] },
  { fix: "one value for each header", ends: ["S12"] },
  { fix: "compare bytes", ends: ["S16"] },
  { fix: "give the reason", ends: ["S15"] },
  { fix: "verify raw bytes, then the escaped and the compact form", ends: ["T01", "T02", "T03", "T05", "T06", "T07"] },
  { fix: "catch the parser's error", ends: ["H01", "H15", "H18"] },
  { fix: "no other white space than JSON's", ends: ["S27"] },
  { fix: "validate the fields", ends: ["H03", "H04", "H16"] },
  { fix: "strict UTF-8", ends: ["H02"] },
  { fix: "answer 405 to other methods", ends: ["H12", "H13", "H25"] },
  { fix: "answer 415 to other types", ends: ["H14"] },
  { fix: "a body limit", ends: ["H09", "H20"] },
  { fix: "clean replies", ends: ["C14"] },
] as const;

export type Fix = (typeof FIXES)[number]["fix"];

/** Starts the first draft with these fixes. */
export async function startFirstDraft(fixed: readonly Fix[]): Promise<RunningWebhook> {
  const has = (fix: Fix) => fixed.includes(fix);

  const server = createServer(async (request, response) => {
    const refuse = (status: number, why: string) => response.writeHead(status).end(has("give the reason") ? why : "");
    try {
      if (has("answer 405 to other methods") && request.method !== "POST") {
        response.setHeader("allow", "POST");
        return refuse(405, "POST only");
      }
      if (has("answer 415 to other types") && !request.headers["content-type"]?.startsWith("application/json"))
        return refuse(415, "JSON only");
      const body = await read(request, has("a body limit"));
      if (!body) return refuse(413, "too large");
      const problem = signatureProblem(request, body);
      if (problem) return refuse(401, problem);

      const text = has("strict UTF-8") ? new TextDecoder("utf-8", { fatal: true }).decode(body) : body.toString();
      const payload = JSON.parse(text);
      if (has("validate the fields") && typeof payload?.message?.content !== "string") return refuse(422, "message.content");
      const reply = `Echo: ${payload.message.content}`;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ reply: has("clean replies") ? reply.replaceAll("\0", "").toWellFormed() : reply }));
    } catch (error) {
      const parsing = error instanceof SyntaxError || (error instanceof TypeError && "code" in error);
      refuse(has("catch the parser's error") && parsing ? 400 : 500, "not JSON");
    }
  });

  function signedForms(body: Buffer): Buffer[] {
    const space = has("no other white space than JSON's") ? "[ \\t\\r\\n]+" : "\\s+";
    const outside = new RegExp(`("(?:\\\\.|[^"\\\\])*")|${space}`, "gs");
    const text = body.toString();
    return [body, ascii(text), ascii(text.replace(outside, (_, string) => string ?? ""))];
  }

  function signatureProblem(request: IncomingMessage, body: Buffer): string | undefined {
    const { "x-signature": signatures = [], "x-timestamp": timestamps = [] } = request.headersDistinct;
    if (has("one value for each header") && signatures.length + timestamps.length > 2) return "one signature and one timestamp";
    const [signature, timestamp] = [signatures[0] ?? "", timestamps[0] ?? ""];
    if (!signature || !timestamp) return has("fail closed") ? "signature or timestamp missing" : undefined;
    if (has("only digits in a timestamp") && !/^[0-9]{1,12}$/.test(timestamp)) return "malformed timestamp";
    const age = Math.floor(Date.now() / 1000) - Number(timestamp);
    if (has("300 s of tolerance") && Math.abs(age) > 300) return "timestamp outside tolerance";
    const forms = has("verify raw bytes, then the escaped and the compact form") ? signedForms(body) : [body];
    return forms.some((form) => matches(signature, timestamp, form)) ? undefined : "signature mismatch";
  }

  function matches(signature: string, timestamp: string, form: Buffer): boolean {
    const digest = createHmac("sha256", SECRET).update(`${timestamp}.`).update(form).digest();
    if (!has("compare bytes")) return signature === `sha256=${digest.toString("hex")}`;
    const digits = /^sha256=([0-9a-fA-F]{64})$/.exec(signature)?.[1];
    return digits !== undefined && timingSafeEqual(Buffer.from(digits, "hex"), digest);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    url,
    stream: url,
    secret: SECRET,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage, limited: boolean): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // Read to the end: a sender that is still writing would not read the answer.
    if (!limited || size <= 1_048_576) chunks.push(chunk);
  }
  return limited && size > 1_048_576 ? undefined : Buffer.concat(chunks);
}

function ascii(text: string): Buffer {
  return Buffer.from(text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`));
}
