import { MAIN_APP } from "../protocol.ts";
import { send } from "./actions.ts";
import { Copy } from "./copy.tsx";
import { change, currentApp, type Model } from "./model.ts";
import { focusMessage } from "./open.ts";

/** What to do where there is no message yet. */
export function Empty({ model }: { model: Model }) {
  const { thread, mainApp, replyFile } = model;
  if (thread?.id === MAIN_APP && mainApp) return <FirstRequest paste={mainApp.paste} />;
  const app = currentApp(model);
  return app ? <FirstMessage signed={app.hasSecret} replyFile={replyFile} /> : <FirstApp />;
}

function FirstApp() {
  return (
    <section>
      <h3>Connect your webhook</h3>
      <p>Add an App with the URL of your webhook. Then chat with it here, as your users do in the main app.</p>
      <button type="button" class="primary" onClick={() => change({ settings: "new" })}>
        Add an App
      </button>
    </section>
  );
}

function FirstRequest({ paste }: { paste: string }) {
  return (
    <section>
      <h3>Waiting for the main app</h3>
      <p>
        In its dashboard, paste <code>{paste}</code> as the App's webhook URL. Save, and chat there: each request passes through
        to your webhook, and appears here.
      </p>
      <Copy label="Copy the URL" text={() => paste} />
    </section>
  );
}

function FirstMessage({ signed, replyFile }: { signed: boolean; replyFile: string }) {
  return (
    <section>
      <h3>Say something to your webhook</h3>
      <p>
        This page stands in for the main app, the platform that calls your webhook. It sends the same request,{" "}
        {signed ? "signed with your secret" : "unsigned, because this App has no secret"}, and tells you what a user of the main
        app would see.
      </p>
      {replyFile && (
        <p>
          Your webhook answers with <code>{replyFile}</code>: change that file, save it, and send another message.
        </p>
      )}
      <div class="suggestions">
        {["Hello", "café 😀"].map((text) => (
          <button
            key={text}
            type="button"
            onClick={() => {
              void send(text);
              focusMessage();
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </section>
  );
}
