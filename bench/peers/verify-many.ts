import * as octokitNode from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { escaped } from "../../local/sender/json-forms.ts";
import { systemClock } from "../../shared/clock.ts";
import { Problem } from "../../shared/problem.ts";
import { createVerifier } from "../../shared/request/verify.ts";
import { readSettings } from "../../shared/settings.ts";
import { importKey, joined } from "../sides/floor.ts";
import { SECRET } from "../sides/in-process.ts";
import * as octokitWeb from "./node_modules/@octokit/webhooks-methods/dist-web/index.js";

/** Signs one text, and gives the verification of another under that signature. */
type Verifier = (signed: string, sent: string) => Promise<() => unknown>;

const encoder = new TextEncoder();
const timestamp = () => Math.floor(Date.now() / 1000);

/** Each gets the body in the form that it takes: ours and `crypto.subtle.verify` as bytes, the others as a string. */
const VERIFIERS: Readonly<Record<string, Verifier>> = {
  async ours(signed, sent) {
    const verify = createVerifier(readSettings({ WEBHOOK_SECRET: SECRET }), systemClock);
    const { prefix, signature } = await sign(signed);
    const digits = Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const headers = new Headers({ "x-timestamp": prefix.slice(0, -1), "x-signature": `sha256=${digits}` });
    const body = encoder.encode(sent);
    return async () => !((await verify(headers, body)) instanceof Problem);
  },
  /** The floor: Web Crypto alone, with a key, a signature and a message that are ready. Text outside ASCII takes two. */
  async subtle(signed, sent) {
    const { key, prefix, signature } = await sign(signed);
    const forms = [...new Set([sent, escaped(sent)])].map((form) => joined(encoder.encode(prefix), encoder.encode(form)));
    return async () => {
      for (const form of forms) if (await crypto.subtle.verify("HMAC", key, signature, form)) return true;
      return false;
    };
  },
  async stripe(signed, sent) {
    const { webhooks } = Stripe;
    const cryptoProvider = Stripe.createSubtleCryptoProvider();
    const header = await webhooks.generateTestHeaderStringAsync({ payload: signed, secret: SECRET, cryptoProvider });
    return () => webhooks.signature.verifyHeaderAsync(sent, header, SECRET, 300, cryptoProvider);
  },
  async octokitWeb(signed, sent) {
    const signature = await octokitWeb.sign(SECRET, signed);
    return () => octokitWeb.verify(SECRET, sent, signature);
  },
  async octokitNode(signed, sent) {
    const signature = await octokitNode.sign(SECRET, signed);
    return () => octokitNode.verify(SECRET, sent, signature);
  },
  async standardwebhooks(signed, sent) {
    const webhook = new Webhook(SECRET, { format: "raw" });
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(timestamp()),
      "webhook-signature": webhook.sign("msg_1", new Date(), signed),
    };
    // It throws if it refuses.
    return () => webhook.verify(sent, headers, { jsonParse: false }) ?? true;
  },
};

async function sign(text: string) {
  const [key, prefix] = [await importKey(SECRET), `${timestamp()}.`];
  const message = joined(encoder.encode(prefix), encoder.encode(escaped(text)));
  return { key, prefix, signature: new Uint8Array(await crypto.subtle.sign("HMAC", key, message)) };
}

/**
 * Verifies the body for `?ms=` milliseconds with the verifier that the path names. Answers with the microseconds of one, or
 * with an error if that verifier refuses its own signature or accepts that of another text.
 */
export async function verifyMany(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const verifier = VERIFIERS[pathname.slice(1)];
  if (!verifier || request.method !== "POST") return new Response(null, { status: 405 });
  const [body, milliseconds] = [await request.text(), Number(searchParams.get("ms"))];
  const wrong = await verifier(`${body} `, body);
  const isRefused = await Promise.resolve()
    .then(wrong)
    .then(
      (accepted) => accepted !== true,
      () => true,
    );
  if (!isRefused) return new Response("accepted a wrong signature", { status: 500 });

  const verify = await verifier(body, body);
  const startedAt = nextTick();
  let times = 0;
  let elapsed = 0;
  for (; elapsed < milliseconds; elapsed = performance.now() - startedAt, times++) {
    if ((await verify()) !== true) return new Response("refused its own signature", { status: 500 });
  }
  return Response.json((elapsed * 1000) / times);
}

/** The moment at which the clock moves on: in workerd it gives whole milliseconds. */
function nextTick(): number {
  const before = performance.now();
  for (;;) {
    const now = performance.now();
    if (now !== before) return now;
  }
}
