import { useLayoutEffect, useState } from "hono/jsx/dom";
import { backToChat, followView } from "./back.ts";
import { Chat } from "./chat.tsx";
import { ChecksPanel } from "./checks.tsx";
import { Icon, type IconName } from "./icons.tsx";
import { Inspector } from "./inspector.tsx";
import { change, now, type View, watch } from "./model.ts";
import { Settings } from "./settings.tsx";
import { Sidebar } from "./sidebar.tsx";

const VIEWS: readonly (readonly [View, string, IconName])[] = [
  ["threads", "Threads", "chats"],
  ["chat", "Chat", "chat"],
  ["inspector", "Inspector", "inspector"],
];

export function Page() {
  const [model, setModel] = useState(now());
  useLayoutEffect(() => {
    watch(setModel);
    document.addEventListener("keydown", onKey);
    addEventListener("popstate", backToChat);
  }, []);
  const { view, panel, checks, settings } = model;
  useLayoutEffect(() => followView(view), [view]);
  return (
    <div class="page" data-view={view}>
      <header class="sr">
        <h1>replyhook playground</h1>
      </header>
      <Sidebar model={model} />
      <Chat model={model} />
      {panel === "checks" && checks ? <ChecksPanel {...checks} /> : <Inspector model={model} />}
      <nav class="views" aria-label="Views">
        {VIEWS.map(([name, label, icon]) => (
          <button
            key={name}
            type="button"
            aria-pressed={view === name ? "true" : "false"}
            onClick={() => change({ view: name })}
          >
            <Icon name={icon} />
            {name === "inspector" && panel === "checks" ? "Checks" : label}
          </button>
        ))}
      </nav>
      {settings !== null && <Settings key={settings} id={settings} model={model} />}
    </div>
  );
}

/** `/` goes to the message box, Esc closes what is open. Dialogs and menus close by themselves. */
function onKey(event: KeyboardEvent): void {
  const writing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && now().settings === null) {
    event.preventDefault();
    change({ view: "chat" });
    requestAnimationFrame(() => document.getElementById("message")?.focus());
  }
  if (event.key !== "Escape" || event.defaultPrevented || now().settings !== null) return;
  const { notice, hint, view, breaking, panel } = now();
  if (notice !== null || hint !== null) change({ notice: null, hint: null });
  else if (breaking) change({ breaking: null });
  else if (panel === "checks") change({ panel: "exchange", view: "chat" });
  else if (view !== "chat") change({ view: "chat" });
}
