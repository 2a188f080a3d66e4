import { useLayoutEffect, useRef, useState } from "hono/jsx/dom";
import type { AppFields, AppView, ExchangeView } from "../protocol.ts";
import { deleteApp, inspect, saveApp, secretOf, testWebhook } from "./actions.ts";
import { Copy } from "./copy.tsx";
import { DeleteButton } from "./delete.tsx";
import { IconButton } from "./icons.tsx";
import { change, type Model } from "./model.ts";
import { Dot, endingOf, Words } from "./verdict.tsx";

/** As the dashboard's Generate: 32 random bytes in hex. */
const newSecret = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The settings of an App. Its secret is fetched only when somebody asks to see or copy it. */
export function Settings({ id, model }: { id: string; model: Model }) {
  const app = model.apps.find((one) => one.id === id) ?? null;
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  /** Null: the saved one stays. */
  const [secret, setSecret] = useState<string | null>(app?.hasSecret ? null : "");
  const [edited, setEdited] = useState(false);
  const [shown, setShown] = useState(!app?.hasSecret);
  const [dirty, setDirty] = useState(app === null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => dialog.current?.showModal(), []);

  // The browser gives the focus back to where it was.
  const close = () => dialog.current?.close();
  const trying = async (action: () => Promise<void>) => {
    setBusy(true);
    setProblem("");
    await action().catch((error: Error) => setProblem(error.message));
    setBusy(false);
  };
  const edit = (value: string, show: boolean) => {
    setEdited(true);
    setSecret(value);
    setShown(show);
    setDirty(true);
  };
  const reveal = () =>
    trying(async () => {
      if (shown) return setShown(false);
      if (secret === null && app) setSecret(await secretOf(app.id));
      setShown(true);
    });
  const save = async (): Promise<AppView> => {
    const fields = new FormData(form.current ?? undefined);
    const changes: AppFields = {
      ...{ name: String(fields.get("name")), webhookUrl: String(fields.get("url")).trim(), mode: "webhook" },
      ...(secret !== null && { secret }),
    };
    const saved = await saveApp(id, changes);
    setDirty(false);
    return saved;
  };
  const test = (saved: AppView) => trying(async () => testWebhook((dirty ? await save() : saved).id));
  const remove = (saved: AppView) => trying(() => deleteApp(saved.id).then(close));

  return (
    <dialog
      ref={dialog}
      class="settings"
      aria-labelledby="settings-title"
      onClose={() => change({ settings: null, test: null })}
    >
      <form
        ref={form}
        method="dialog"
        onInput={() => setDirty(true)}
        onSubmit={(event: Event) => {
          event.preventDefault();
          void trying(() => save().then(close));
        }}
      >
        <header>
          <h2 id="settings-title">{app ? "Settings" : "Add an App"}</h2>
          <IconButton icon="close" label="Close" onClick={close} />
        </header>
        {!app && <p class="faint">An App of the main app has one webhook. Add one for each that you want to try.</p>}
        <label>
          <span>Name</span>
          <input
            name="name"
            autofocus
            required
            maxlength={200}
            autocomplete="off"
            placeholder="My webhook"
            value={app?.name ?? ""}
          />
        </label>
        <label>
          <span>Webhook URL</span>
          <input
            name="url"
            type="url"
            required
            autocomplete="off"
            spellcheck={false}
            aria-describedby="url-help"
            placeholder="http://localhost:8081/stream"
            value={app?.webhookUrl ?? ""}
          />
          <small id="url-help">The address at which your webhook streams its answer.</small>
        </label>
        <div class="field">
          <label for="secret">Webhook secret</label>
          <input
            id="secret"
            type={shown ? "text" : "password"}
            autocomplete="off"
            spellcheck={false}
            placeholder={secret === null ? "••••••••" : "None: requests are not signed"}
            aria-describedby="secret-help"
            value={secret ?? ""}
            onInput={(event: Event) => edit((event.target as HTMLInputElement).value, shown)}
          />
          <div class="buttons">
            <button type="button" class="small" onClick={() => edit(newSecret(), true)}>
              Generate
            </button>
            {secret !== "" && (
              <>
                <Copy label="Copy" text={async () => secret ?? (app ? await secretOf(app.id) : "")} />
                <button type="button" class="small" onClick={reveal}>
                  {shown ? "Hide" : "Show"}
                </button>
                <button type="button" class="small" onClick={() => edit("", true)}>
                  Clear
                </button>
              </>
            )}
          </div>
          <small id="secret-help">
            {edited && secret
              ? "Put it into your webhook too, as WEBHOOK_SECRET. Until then it refuses each message."
              : "The same as your webhook’s WEBHOOK_SECRET."}
          </small>
        </div>
        {problem && (
          <p class="finding bad" role="alert">
            {problem}
          </p>
        )}
        {model.test && <TestResult test={model.test} onInspect={close} />}
        <footer>
          {app && (
            <>
              <DeleteButton label="Delete" question="Delete it and its threads?" onDelete={() => remove(app)} />
              <button type="button" disabled={busy} onClick={() => test(app)}>
                {dirty ? "Save and test" : "Test webhook"}
              </button>
            </>
          )}
          <button type="submit" class="primary" disabled={busy}>
            Save
          </button>
        </footer>
      </form>
    </dialog>
  );
}

function TestResult({ test, onInspect }: { test: ExchangeView; onInspect: () => void }) {
  const { id, verdict, status } = test;
  return (
    <div class="finding test" role="status">
      <strong>
        <Dot ending={endingOf(test)} />
        {verdict ? (status === null ? "No answer" : `HTTP ${status}`) : "Waiting for the webhook…"}
      </strong>
      <Words exchange={test} />
      {verdict && (
        <button
          type="button"
          class="small"
          onClick={() => {
            onInspect();
            void inspect(id);
          }}
        >
          Inspect
        </button>
      )}
    </div>
  );
}
