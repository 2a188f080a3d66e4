import { html, raw } from "hono/html";
import { type Settings, signatureMode } from "../settings.ts";
import { version } from "../version.ts";
import { dashboardUrls } from "./dashboard-urls.ts";
import { STYLE } from "./home-style.ts";

const EXAMPLE_BODY = '{"event":"message_received","app":{"id":"my-app"},"thread":{"id":"t1"},"message":{"content":"hello"}}';
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%230f766e' d='M2 2h12v9H8l-4 4v-4H2z'/%3E%3C/svg%3E";

/** The page at GET /: the version, the mode, the warnings, and the URLs to paste. It holds no secret and no payload. */
export async function pageResponse(origin: string, settings: Settings): Promise<Response> {
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>replyhook is up</title>
<link rel="icon" href="${raw(ICON)}">
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
${content(origin, settings)}
</main>
</body>
</html>
`;
  return new Response(page.toString(), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src '${await styleHash()}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "cache-control": "no-store",
      vary: "accept",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

function content(origin: string, settings: Settings) {
  const { chat, run } = dashboardUrls(origin);
  const { mode, explanation } = signatureMode(settings);
  const signed = mode === "signed";
  const open = mode === "unsigned";
  return html`<header>
<h1><span class="dot" aria-hidden="true"></span>replyhook is up</h1>
<p>Version ${version} · <strong class="mode ${signed ? "signed" : "unsigned"}">${mode}</strong> ${explanation}</p>
</header>
${settings.warnings.map((warning) => html`<p class="warning">${warning}</p>\n`)}
<section aria-labelledby="paste">
<h2 id="paste">Paste into the dashboard</h2>
<dl>
<dt>To chat in the dashboard</dt><dd><code>${chat}</code></dd>
<dt>For callers of <code>/run</code></dt><dd><code>${run}</code></dd>
</dl>
<p>The dashboard's chat reads a stream; <code>/run</code> reads one JSON answer. The URL decides, because both send the same request.</p>
</section>
<section aria-labelledby="steps">
<h2 id="steps">Connect</h2>
<ol>
<li>In the dashboard, create or edit an App.</li>
<li>Set the integration mode to <b>Webhook</b>.</li>
<li>Paste the <b>Webhook URL</b>.</li>
<li>${open ? html`Leave the <b>Webhook secret</b> empty, or set the same one there and as <code>WEBHOOK_SECRET</code> here.` : html`Set the <b>Webhook secret</b> to the same <code>WEBHOOK_SECRET</code> as here.`}</li>
<li>Save, press <b>Test</b>, then open the chat.</li>
</ol>
</section>
<section aria-labelledby="try">
<h2 id="try">Try it</h2>
<pre tabindex="0"><code>${open ? unsignedCurl(run) : signedCurl(run)}</code></pre>
</section>
<footer><a href="/health">/health</a> · <a href="/openapi.json">/openapi.json</a></footer>`;
}

function unsignedCurl(url: string): string {
  return `curl '${url}' -H 'Content-Type: application/json' \\
  -d '${EXAMPLE_BODY}'`;
}

function signedCurl(url: string): string {
  return `SECRET='<your webhook secret>'
BODY='${EXAMPLE_BODY}'
TIME=$(date +%s)
SIGNATURE=$(printf '%s.%s' "$TIME" "$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')
curl '${url}' -H 'Content-Type: application/json' \\
  -H "X-Timestamp: $TIME" -H "X-Signature: sha256=$SIGNATURE" -d "$BODY"`;
}

async function styleHash(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(STYLE));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
