import { change, now, type View } from "./model.ts";
import { remember } from "./open.ts";

/** Where one pane is shown at a time: the same width as in narrow.css. */
const NARROW = matchMedia("(max-width: 900px)");

const isPane = () => (history.state as { pane?: true } | null)?.pane === true;

/** Gives each pane beside the chat an entry in the history: Back leads to the chat, and not out of the page. */
export function followView(view: View): void {
  if (view === "chat") {
    if (isPane()) history.back();
  } else if (NARROW.matches && !isPane()) history.pushState({ pane: true }, "");
}

/** After a step in the history. The address is that of what is open. */
export function backToChat(): void {
  if (!isPane() && now().view !== "chat") change({ view: "chat" });
  remember();
}
