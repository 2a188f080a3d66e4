import { styleText } from "node:util";
import { visibleLines } from "../shared/visible.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow";
/** Puts a style around a text, if the output can show it. */
export type Paint = (style: Style, text: string) => string;

/** Styles for `stream`: none unless it is a terminal, and none with NO_COLOR. */
export function paintFor(stream: Pick<NodeJS.WriteStream, "isTTY">, env: NodeJS.ProcessEnv = process.env): Paint {
  const painted = stream.isTTY && !env.NO_COLOR;
  return (style, text) => (painted ? styleText(style, text, { validateStream: false }) : text);
}

/** A progress line that is overwritten each time. If `stream` is not a terminal, nothing is written. */
export function progressLine(stream: NodeJS.WriteStream): { show(text: string): void; clear(): void } {
  if (!stream.isTTY) return { show() {}, clear() {} };
  return {
    show: (text) => void stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`),
    clear: () => void stream.write("\r\x1b[K"),
  };
}

/** JSON text with its control characters escaped. Its value stays the same. */
export function visibleJson(value: unknown): string {
  return `${visibleLines(JSON.stringify(value, null, 2))}\n`;
}
