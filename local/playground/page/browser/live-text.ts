import type { ExchangeView } from "../protocol.ts";

/**
 * The text of the streams that are running. It goes past the model, straight into one text node, once per frame: a stream
 * of thousands of pieces must not draw the page thousands of times.
 */
interface Live {
  text: string;
  node: Text | null;
}
const lives = new Map<string, Live>();
const changed = new Set<Live>();

/** Sets what a stream has shown so far. Nothing follows one that has ended. */
export function followText({ id, state, text }: ExchangeView): void {
  const live = lives.get(id);
  if (state === "ended") lives.delete(id);
  else if (!live) lives.set(id, { text, node: null });
  else if (live.text !== text) {
    live.text = text;
    draw(live);
  }
}

/** Adds a piece. A piece of a stream that is not known is dropped: its exchange comes with the whole text. */
export function addText(exchange: string, piece: string): void {
  const live = lives.get(exchange);
  if (!live) return;
  live.text += piece;
  draw(live);
}

/** Shows the text of a stream in `element`, from now on. */
export function showText(exchange: string, element: HTMLElement): void {
  const live = lives.get(exchange);
  if (!live) return;
  live.node = document.createTextNode(live.text);
  element.replaceChildren(live.node);
}

function draw(live: Live): void {
  if (changed.size === 0) requestAnimationFrame(drawAll);
  changed.add(live);
}

function drawAll(): void {
  for (const { node, text } of changed) {
    if (!node) continue;
    if (text.startsWith(node.data)) node.appendData(text.slice(node.length));
    else node.data = text;
  }
  changed.clear();
}
