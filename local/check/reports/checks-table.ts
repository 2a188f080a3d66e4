import { readFileSync, writeFileSync } from "node:fs";
import { GROUPS } from "../check.ts";
import { allChecks } from "../checks/all.ts";

const START = "<!-- the list of checks: npm run check:docs -->\n";
const END = "<!-- the end of the list -->";

/** `document` with a new list of checks. */
export function withChecksTable(document: string): string {
  const start = document.indexOf(START);
  const end = document.indexOf(END);
  if (start === -1 || end < start) throw new Error(`the document has no place for the list of checks: ${START}`);
  return `${document.slice(0, start)}${START}\n${checksTable()}\n${document.slice(end)}`;
}

function checksTable(): string {
  const sections = GROUPS.map((group) => {
    const rows = allChecks
      .filter((check) => check.group === group)
      .map(({ id, level, name, sends, expects }) => `| ${[id, level, name, sends, expects].map(cell).join(" | ")} |`);
    return [
      `### ${group}`,
      "",
      "| id | level | the webhook… | it is sent | expected answer |",
      "|---|---|---|---|---|",
      ...rows,
    ].join("\n");
  });
  return `${sections.join("\n\n")}\n`;
}

function cell(text: string): string {
  return text.replace(/[\\|<*_]/g, "\\$&");
}

if (import.meta.main) {
  const file = new URL("../../../docs/check.md", import.meta.url);
  writeFileSync(file, withChecksTable(readFileSync(file, "utf8")));
}
