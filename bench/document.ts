import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { asSvg } from "./chart.ts";
import type { Group, Result } from "./compare.ts";
import { asMarkdown } from "./table.ts";

const DOCUMENT = "docs/performance.md";

/** Writes the figures of one whole run into the document, between its marks, and its pictures beside it. */
export function writeDocument(measured: readonly (readonly [Group, readonly Result[]])[]): void {
  let text = readFileSync(DOCUMENT, "utf8");
  const put = (name: string, content: string) => {
    const block = new RegExp(`(<!-- bench ${name} -->\n)[^]*?(<!-- /bench -->)`);
    if (!block.test(text)) throw new Error(`${DOCUMENT} has no place for ${name}: <!-- bench ${name} -->`);
    text = text.replace(block, (_, start, end) => `${start}\n${content}\n\n${end}`);
  };
  put("machine", machine());
  for (const [group, results] of measured) {
    const charts = group.charts?.(results) ?? [];
    const picture = `performance-${group.name}.svg`;
    if (charts.length > 0) writeFileSync(`docs/${picture}`, asSvg(group.title, charts));
    put(group.name, (charts.length > 0 ? `![${group.title}](${picture})\n\n` : "") + asMarkdown(group, results));
  }
  writeFileSync(DOCUMENT, text);
}

/** What the figures were measured with. */
function machine(): string {
  const packaged = (name: string) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version}`;
  const peers = Object.entries<string>(JSON.parse(readFileSync("bench/peers/package.json", "utf8")).dependencies);
  const software = [
    `Node ${process.version}`,
    ...["workerd", "wrangler"].map(packaged),
    execFileSync("python3", ["--version"], { encoding: "utf8" }).trim(),
    ...peers.map((peer) => peer.join(" ")),
  ];
  const [cpu, memory] = [cpus(), Math.round(totalmem() / 2 ** 30)];
  const date = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  return [
    `Measured on ${date}, on ${cpu.length} processors (${cpu[0]?.model.trim()}) with ${memory} GB of memory, ${type()} ${release()}:`,
    `${software.join(", ")}.`,
  ].join("\n");
}
