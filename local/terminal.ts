import { styleText } from "node:util";
import { visibleLines } from "../shared/visible.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow";
/** Puts a style around a text, where the output can show it. */
export type Paint = (style: Style, text: string) => string;

/** Styles for `stream`: only on a terminal, and never with NO_COLOR. */
export function paintFor(stream: Pick<NodeJS.WriteStream, "isTTY">, env: NodeJS.ProcessEnv = process.env): Paint {
  const painted = stream.isTTY && !env.NO_COLOR;
  return (style, text) => (painted ? styleText(style, text, { validateStream: false }) : text);
}

/** A line on stderr that is written over again and again; where stderr is no terminal, nothing. */
export function progressLine(stream: NodeJS.WriteStream): { show(text: string): void; clear(): void } {
  if (!stream.isTTY) return { show() {}, clear() {} };
  return {
    show: (text) => void stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`),
    clear: () => void stream.write("\r\x1b[K"),
  };
}

/** JSON text that shows the same on a terminal as in an editor. It stays the same value. */
export function visibleJson(value: unknown): string {
  return `${visibleLines(JSON.stringify(value, null, 2))}\n`;
}
