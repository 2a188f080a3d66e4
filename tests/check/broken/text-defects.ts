import { correct } from "./base.ts";
import type { Defect } from "./defect.ts";

export const textDefects: readonly Defect[] = [
  { caughtBy: "T01", mistake: "verifies the raw bytes only", changes: { forms: (body) => [body] } },
  {
    caughtBy: "T02",
    mistake: "escapes by code point, not by UTF-16 unit",
    changes: {
      escape: (json) => json.replace(/[^ -~]/gu, (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, "0")}`),
    },
  },
  {
    caughtBy: "T03",
    mistake: "does not escape U+007F",
    changes: {
      escape: (json) => json.replace(/[\x80-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
    },
  },
  {
    caughtBy: "T04",
    mistake: "verifies the escaped form only",
    changes: { forms: (body) => [Buffer.from(correct.escape(body.toString()))] },
  },
  {
    caughtBy: "T04",
    mistake: "trims the body",
    changes: { forms: (body) => correct.forms.call(correct, Buffer.from(body.toString().trim())) },
  },
  {
    caughtBy: "T05",
    mistake: "does not verify the compact form",
    changes: { forms: (body) => correct.forms.call(correct, body).slice(0, 2) },
  },
  {
    caughtBy: "T06",
    mistake: "escapes no more than 20 characters",
    changes: {
      escape(json) {
        let left = 20;
        return json.replace(/[^ -~]/g, (unit) => (left-- > 0 ? correct.escape.call(correct, unit) : unit));
      },
    },
  },
  { caughtBy: "T07", mistake: "has a body limit of 100 kB", changes: { maxBytes: 100_000 } },
];
