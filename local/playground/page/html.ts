import { html } from "hono/html";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230f766e'/%3E%3Cpath d='M4 5.5h8M4 8h8M4 10.5h4' stroke='white' stroke-width='1.5' stroke-linecap='round'/%3E%3C/svg%3E";

/** The page's HTML. The script draws everything else. */
export function pageHtml() {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>replyhook playground</title>
        <link rel="icon" href="${ICON}" />
        <link rel="stylesheet" href="/playground/page.css" />
        <script type="module" src="/playground/page.js"></script>
      </head>
      <body>
        <div id="page"></div>
        <noscript>The playground needs JavaScript.</noscript>
      </body>
    </html>`;
}
