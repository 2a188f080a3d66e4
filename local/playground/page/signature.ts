import { signedBytesByForm } from "../../../shared/request/sender-forms.ts";
import { bodyBytes } from "../../sender/body.ts";
import { hmac, signatureDigest } from "../../sender/hmac.ts";
import { escaped } from "../../sender/json-forms.ts";
import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import type { SignatureView } from "./protocol.ts";

const OUTSIDE = /[^\x20-\x7e]/u;

/** How `request` was signed: the exact signed bytes, which of the two forms, and why. */
export function signatureView(
  request: OutgoingRequest,
  head: string,
  signed: Uint8Array,
  secret: string,
): SignatureView | null {
  const { signing } = request;
  if (!signing) return null;
  const body = bodyBytes(request.body);
  const timestamp = /^X-Timestamp: (.*)$/im.exec(head)?.[1]?.trim() ?? "";
  const header = /^X-Signature: (.*)$/im.exec(head)?.[1]?.trim() ?? "";
  const text = body.toString();
  const form = OUTSIDE.test(text) ? "escaped" : "raw";
  const raw = signatureDigest(signing.key ?? secret, timestamp, body).toString("hex");
  return {
    timestamp,
    signed: Buffer.from(signed).toString(),
    form,
    why: [whyForm(text), ...changes(request)].join(" "),
    header,
    rawHeader: `sha256=${raw}`,
  };
}

/**
 * How the real main app signed a request: the form of the body whose HMAC is `came`, and if there is none, the form that it should
 * have.
 */
export function arrivedSignatureView(body: Buffer, timestamp: string, came: string, secret: string): SignatureView {
  const forms = [...signedBytesByForm(Buffer.from(`${timestamp}.`), body)].map(([form, signed]) => {
    return { form, signed, header: `sha256=${hmac("sha256", secret, "", signed).toString("hex")}` };
  });
  const usual = forms.find(({ form }) => form === "escaped") ?? forms[0];
  const { form, signed, header } = (forms.find((one) => one.header === came.toLowerCase()) ?? usual) as (typeof forms)[number];
  const rawHeader = forms[0]?.header ?? header;
  const why = form === "compact" ? WHY_COMPACT : whyForm(body.toString());
  return { timestamp, signed: Buffer.from(signed).toString(), form, why, header, rawHeader, came };
}

const WHY_COMPACT =
  "It is signed without the white space outside strings: an older HTTP client of the main app does that. Verify this form too.";

function whyForm(body: string): string {
  const outside = OUTSIDE.exec(body)?.[0];
  if (outside === undefined) return "The body has only printable ASCII characters, so it is signed as it is sent.";
  const code = `U+${(outside.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  const shown = /\p{C}|\p{Z}/u.test(outside) ? code : `${outside} (${code})`;
  return `The body has ${shown}: the main app sends it as UTF-8, and signs it as ${escaped(outside)}. Verify this form too.`;
}

/** What the person asked for. */
function changes({ body, signing }: OutgoingRequest): string[] {
  if (!signing) return [];
  const isOther = escaped(bodyBytes(body).toString()) !== bodyBytes(signing.over).toString();
  return [
    ...(signing.key === undefined ? [] : ["It is signed with another secret."]),
    ...(signing.offset === undefined ? [] : ["Its timestamp is an hour old."]),
    ...(isOther ? ["The body was changed after it was signed."] : []),
  ];
}
