import { render } from "hono/jsx/dom";
import { listen } from "./events.ts";
import { change, now } from "./model.ts";
import { came } from "./news.ts";
import { focusMessage, load, loadAgain } from "./open.ts";
import { Page } from "./page.tsx";

const root = document.getElementById("page");
if (root) render(<Page />, root);

void load().then(focusMessage);
let first = true;
listen({
  opened() {
    if (!first) loadAgain();
    first = false;
  },
  lost: () => change({ connected: false }),
  came: (event) => {
    if (!now().connected) change({ connected: true });
    came(event);
  },
});
