import { useRef } from "hono/jsx/dom";
import { BREAKS, type Break } from "../protocol.ts";
import { send, stop } from "./actions.ts";
import { Icon } from "./icons.tsx";
import { Menu } from "./menu.tsx";
import { change, type Model, now, runningExchange } from "./model.ts";
import { loaded } from "./open.ts";

/** What a break sends if nothing was written. */
const SOMETHING = "Hello";

/** The message box, and the ways to send its text wrongly. */
export function Composer({ model }: { model: Model }) {
  const box = useRef<HTMLTextAreaElement>(null);
  /** An Enter waits for the page, and for the message before. */
  const before = useRef<Promise<unknown>>(loaded);
  const { breaking, route, appId } = model;
  const running = runningExchange(model);
  const sendText = async () => {
    const area = box.current;
    const text = area?.value.trim() ? area.value : now().breaking ? SOMETHING : "";
    if (!area || !text || runningExchange(now()) || !now().appId) return;
    area.value = "";
    // What could not be sent must not be lost.
    if (!(await send(text))) area.value ||= text;
  };
  const submit = () => {
    before.current = before.current.then(sendText);
  };
  return (
    <form
      class="composer"
      aria-label="Message"
      onSubmit={(event: Event) => {
        event.preventDefault();
        submit();
      }}
    >
      {(breaking || route === "run") && (
        <div key="chips" class="chips">
          {breaking && (
            <Chip
              text={`Next message: ${BREAKS[breaking]}`}
              label="Do not break the next message"
              onClose={() => change({ breaking: null })}
            />
          )}
          {route === "run" && (
            <Chip text="Each message: through /run" label="Stream again" onClose={() => change({ route: "stream" })} />
          )}
        </div>
      )}
      <div key="box" class="box">
        <Menu label="Break it" about="For the next message alone:" icon="crack">
          {(Object.keys(BREAKS) as Break[]).map((kind) => (
            <button
              key={kind}
              type="button"
              role="menuitemradio"
              aria-checked={breaking === kind ? "true" : "false"}
              onClick={() => {
                change({ breaking: breaking === kind ? null : kind });
                box.current?.focus();
              }}
            >
              {BREAKS[kind]}
            </button>
          ))}
          <button
            key="run"
            type="button"
            role="menuitemcheckbox"
            class="apart"
            aria-checked={route === "run" ? "true" : "false"}
            onClick={() => {
              change({ route: route === "run" ? "stream" : "run" });
              box.current?.focus();
            }}
          >
            Through /run, as JSON
          </button>
        </Menu>
        <textarea
          id="message"
          ref={box}
          rows={1}
          aria-label="Message"
          aria-keyshortcuts="/"
          placeholder={breaking ? `Enter sends “${SOMETHING}”` : "Write a message"}
          autocomplete="off"
          onKeyDown={(event: KeyboardEvent) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        {running ? (
          <button key="stop" type="button" class="send" aria-label="Stop" title="Hang up" onClick={() => stop(running.id)}>
            <Icon name="stop" />
          </button>
        ) : (
          <button key="send" type="submit" class="send" aria-label="Send" disabled={!appId}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

function Chip({ text, label, onClose }: { text: string; label: string; onClose: () => void }) {
  return (
    <span class="chip">
      {text}
      <button type="button" aria-label={label} onClick={onClose}>
        <Icon name="close" />
      </button>
    </span>
  );
}
