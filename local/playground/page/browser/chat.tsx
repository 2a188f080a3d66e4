import { MAIN_APP } from "../protocol.ts";
import { runChecks } from "./actions.ts";
import { Composer } from "./composer.tsx";
import { Empty } from "./empty.tsx";
import { Icon, IconButton } from "./icons.tsx";
import { Log } from "./log.tsx";
import { change, currentApp, type Model } from "./model.ts";

export function Chat({ model }: { model: Model }) {
  const { thread, loaded, connected, notice, hint, threads, selected } = model;
  const app = currentApp(model);
  const open = threads.find(({ id }) => id === thread?.id);
  const passing = thread?.id === MAIN_APP ? model.mainApp : null;
  const title = passing ? "From the main app" : open?.title || open?.preview;
  const target = passing ? `${passing.paste} → ${passing.to}` : app?.webhookUrl;
  const hasTest = thread?.exchanges.some((exchange) => exchange.state === "ended" && !exchange.break);
  return (
    <main class="pane chat">
      <header class="bar">
        <h2 class="one-line">{thread ? title || app?.name || "Chat" : app || !loaded ? "New thread" : "Welcome"}</h2>
        {app && (
          <p class="target faint one-line" title={target}>
            {target || "No webhook URL: the main app's simulator answers"}
          </p>
        )}
        {thread && hasTest && (
          <a
            class="quiet"
            href={`/playground/threads/${thread.id}/conversation`}
            download=""
            title="It has the requests since the playground started"
            onClick={() =>
              change({ hint: "Run the file again with: npx replyhook check URL --stream URL --conversation FILE" })
            }
          >
            <Icon name="save" />
            <span>Save as test</span>
          </a>
        )}
        {app && (
          <button type="button" class="quiet" onClick={runChecks}>
            <Icon name="checks" />
            <span>Run all checks</span>
          </button>
        )}
      </header>
      {thread && thread.messages.length > 0 ? (
        <Log key={thread.id} thread={thread} selected={selected} />
      ) : (
        <div class="empty scroll">{loaded && <Empty model={model} />}</div>
      )}
      {!connected && (
        <p class="notice" role="status">
          The playground has stopped. Start it again in your terminal: this page connects by itself.
        </p>
      )}
      {notice !== null && <Notice key="notice" role="alert" text={notice} onClose={() => change({ notice: null })} />}
      {hint !== null && <Notice key="hint" role="status" text={hint} onClose={() => change({ hint: null })} />}
      {(app || !loaded) && !passing && <Composer model={model} />}
    </main>
  );
}

function Notice({ role, text, onClose }: { role: "alert" | "status"; text: string; onClose: () => void }) {
  return (
    <p class={`notice ${role}`} role={role}>
      <span>{text}</span>
      <IconButton icon="close" label="Close this notice" onClick={onClose} />
    </p>
  );
}
