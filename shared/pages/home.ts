import { escapeToBuffer, type StringBuffer } from "hono/utils/html";
import { type Settings, signatureMode } from "../settings.ts";
import { version } from "../version.ts";
import { dashboardUrls } from "./dashboard-urls.ts";
import { STYLE, STYLE_HASH } from "./home-style.ts";

/** The page at GET /: the version, the mode, the warnings, and the URLs to paste. It holds no secret and no payload. */
export function pageResponse(origin: string, settings: Settings): Response {
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>replyhook is up</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
${content(origin, settings)}
</main>
</body>
</html>
`;
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "cache-control": "no-store",
      vary: "accept",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

function content(origin: string, settings: Settings): string {
  const { chat, run } = dashboardUrls(origin);
  const { mode, explanation } = signatureMode(settings);
  const signed = mode === "signed";
  const open = mode === "unsigned";
  return `<header>
<h1>replyhook is up</h1>
<p>Version ${version} · <strong class="${signed ? "signed" : "unsigned"}">${mode}</strong> ${escaped(explanation)}</p>
</header>
${settings.warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>\n`).join("")}
<section>
<h2>Connect the dashboard</h2>
<ol>
<li>Set the App's integration mode to <b>Webhook</b>.</li>
<li>Paste the <b>Webhook URL</b>:
<dl>
<dt>to chat in the dashboard</dt><dd><code>${escaped(chat)}</code></dd>
<dt>for callers of <code>/run</code></dt><dd><code>${escaped(run)}</code></dd>
</dl></li>
<li>Set the <b>Webhook secret</b> to the same <code>WEBHOOK_SECRET</code> as here${open ? ", or leave both empty" : ""}.</li>
<li>Save, press <b>Test</b>, then open the chat.</li>
</ol>
</section>
<section>
<h2>Try it, in your clone</h2>
<pre tabindex="0"><code>${escaped(commands(chat, run, open ? "" : " --secret '<your webhook secret>'"))}</code></pre>
</section>
<footer><a href="/health">/health</a> · <a href="/openapi.json">/openapi.json</a></footer>`;
}

/** The first sends a message as the main app does, the second attacks as a stranger would. */
function commands(chat: string, run: string, secret: string): string {
  return `npx replyhook send '${run}' hello${secret}\nnpx replyhook check '${run}' --stream '${chat}'${secret}`;
}

function escaped(text: string): string {
  const buffer: StringBuffer = [""];
  escapeToBuffer(text, buffer);
  return String(buffer[0]);
}
