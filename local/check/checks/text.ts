import { mapText, withRepeated } from "../../sender/body.ts";
import { escaped, spaced } from "../../sender/json-forms.ts";
import { signedAgain } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import type { Check } from "../check.ts";
import { A_REPLY, replyOf } from "../expect.ts";

const ESCAPED_FORM =
  "The main app signs JSON with \\uXXXX escapes and sends it as UTF-8. If the raw body does not match, verify again with every UTF-16 unit outside 0x20..0x7e written as \\u and four lower-case hex digits.";

/** A check that the webhook accepts these texts, signed as the main app signs them. */
function acceptsText(id: string, name: string, sends: string, ...contents: string[]): Check {
  return {
    id,
    level: "MUST",
    ...(id !== "T01" && { follows: "T01" }),
    name,
    sends,
    expects: A_REPLY,
    fix: ESCAPED_FORM,
    requests: contents.length,
    async run(webhook) {
      for (const content of contents) replyOf(await webhook.send(webhook.textRequest(content)));
    },
  };
}

export const text: readonly Check[] = [
  acceptsText("T01", "accepts é as the main app signs it", "é, with the signature over its escaped form", "café au lait, Zoë"),
  acceptsText(
    "T02",
    "accepts emoji as the main app signs them",
    "characters beyond U+FFFF, signed as surrogate pairs",
    "😀 👩‍👩‍👧 𝒳 𠜎",
  ),
  acceptsText(
    "T03",
    "accepts characters that JSON can write in several ways",
    "U+2028, U+007F, quotes, backslashes, markup, line ends, a tab, U+0000 and U+FFFF",
    'line\u2028para\u2029 del \x7f "quote" \\ \\u00e9 </script> a/b\r\n\ttab \b\f',
    "nul \0 end",
    // No characters to Unicode, but JSON may hold them.
    "not characters: \uffff \ufdd0 \u{1ffff}",
    'after one backslash \\é, after two \\\\é, after a quote "é\\',
  ),
  {
    id: "T04",
    level: "MUST",
    name: "accepts text signed over the raw body",
    sends: "é and an emoji, signed over the UTF-8 bytes that are sent; then the same with a line end after the JSON",
    expects: A_REPLY,
    fix: "Verify the raw body first, without trimming it: every other sender signs the raw body.",
    requests: 2,
    needs: ["secret"],
    async run(webhook) {
      for (const end of ["", "\n"]) {
        const request = webhook.textRequest("café 😀");
        const body = [...request.body, end];
        replyOf(await webhook.send(signedAgain({ ...request, body }, { over: body })));
      }
    },
  },
  {
    id: "T05",
    level: "MUST",
    name: "accepts spaced separators when the compact form was signed",
    sends:
      'JSON with ", " and ": ", signed without that white space, as older HTTP clients do; quotes and backslashes in the text',
    expects: A_REPLY,
    fix: "If neither the raw body nor its escaped form matches, remove white space outside strings, escape, verify again.",
    requests: 3,
    async run(webhook) {
      for (const content of ["a, b: c", "café 😀, yes: no", 'a "b, c" d\\ e, f: g\\']) {
        const request = webhook.textRequest(content);
        replyOf(await webhook.send({ ...request, body: mapText(request.body, (json) => spaced(escaped(json))) }));
      }
    },
  },
  {
    id: "T06",
    level: "MUST",
    follows: "T01",
    name: "accepts non-ASCII text in every field",
    sends: "an app name, a customer id, a history and content_json keys in other scripts",
    expects: A_REPLY,
    fix: ESCAPED_FORM,
    requests: 1,
    async run(webhook) {
      const earlier = [{ role: "assistant", content: "Καλημέρα 😀", content_json: { ключ: "значение" } }];
      const payload = mainAppPayload({
        content: "हैलो",
        appName: "Café Zoë",
        customerId: "客户-1",
        contentJson: { é: ["ü"] },
        earlier,
      });
      replyOf(await webhook.send(webhook.payloadRequest(payload)));
    },
  },
  {
    id: "T07",
    level: "MUST",
    follows: "T01",
    name: "accepts 100 kB of multi-byte text",
    sends: "33,400 Chinese characters: 100 kB sent, 200 kB signed",
    expects: A_REPLY,
    fix: "Read the whole body before you verify it, and decode it at once, not piece by piece. Its limit must be 1 MiB.",
    requests: 1,
    async run(webhook) {
      const payload = mainAppPayload({ content: "@long@", historyTail: [] });
      const body = withRepeated(JSON.stringify(payload), "@long@", "語", 33_400);
      replyOf(await webhook.send(webhook.bodyRequest(body, { appId: payload.app.id, threadId: payload.thread.id })));
    },
  },
];
