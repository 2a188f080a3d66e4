import { type AppView, MAIN_APP } from "../protocol.ts";
import { deleteThread, showThread } from "./actions.ts";
import { attempt } from "./api.ts";
import { DeleteButton } from "./delete.tsx";
import { when } from "./format.ts";
import { Icon, IconButton } from "./icons.tsx";
import { change, type Model } from "./model.ts";
import { newThread, openApp } from "./open.ts";

/** The Apps, and the threads of the one that is open. */
export function Sidebar({ model }: { model: Model }) {
  return (
    <nav class="pane sidebar" aria-label="Apps and threads">
      <header class="bar">
        <p aria-hidden="true">
          replyhook <span>playground</span>
        </p>
      </header>
      <div class="scroll">
        {model.mainApp && <MainApp open={model.thread?.id === MAIN_APP} />}
        {model.apps.map((app) => (
          <section key={app.id} class="app" aria-label={app.name}>
            <AppRow app={app} open={app.id === model.appId} />
            {app.id === model.appId && <Threads model={model} />}
          </section>
        ))}
      </div>
      <footer>
        <button type="button" class="quiet" onClick={() => change({ settings: "new" })}>
          <Icon name="plus" />
          Add an App
        </button>
      </footer>
    </nav>
  );
}

/** The requests of the real main app that pass through here. */
function MainApp({ open }: { open: boolean }) {
  return (
    <section key="main-app" class="app" aria-label="The real main app">
      <button type="button" class="thread" aria-current={open ? "true" : null} onClick={() => showThread(MAIN_APP)}>
        <Icon name="pass" />
        From the main app
      </button>
    </section>
  );
}

function AppRow({ app, open }: { app: AppView; open: boolean }) {
  return (
    <div class="row">
      <button
        type="button"
        class="app-name one-line"
        aria-expanded={open ? "true" : "false"}
        onClick={() => !open && attempt(() => openApp(app.id))}
      >
        {app.name || "App without a name"}
      </button>
      <IconButton
        icon="gear"
        label={`Settings of ${app.name}`}
        title="Settings"
        onClick={() => change({ settings: app.id, test: null })}
      />
    </div>
  );
}

function Threads({ model: { threads, thread } }: { model: Model }) {
  return (
    <ul class="threads">
      <li key="new">
        <button type="button" class="thread new" aria-current={thread ? null : "true"} onClick={newThread}>
          <Icon name="plus" />
          New thread
        </button>
      </li>
      {threads.map(({ id, title, preview, updatedAt }) => (
        <li key={id} class="row">
          <button type="button" class="thread" aria-current={id === thread?.id ? "true" : null} onClick={() => showThread(id)}>
            <span class="preview one-line">{title || preview || "Empty thread"}</span>
            <time>{when(updatedAt)}</time>
          </button>
          {id === thread?.id && (
            <DeleteButton label="Delete this thread" question="Delete?" icon onDelete={() => deleteThread(id)} />
          )}
        </li>
      ))}
    </ul>
  );
}
