/** The style of the page at GET /. Colours follow the reader's light or dark setting. */
export const STYLE = `
:root { color-scheme: light dark; --soft: light-dark(#55626e, #9fb0bb); --line: light-dark(#dbe2e6, #2b3943); --ok: light-dark(#0f766e, #4fd1b8); --warn: light-dark(#8a4b08, #ffce85); }
* { box-sizing: border-box; margin: 0; }
body { background: light-dark(#f5f7f8, #10171c); color: light-dark(#16202a, #e6edf1); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
h1 { font-size: 1.9rem; }
h2 { margin-bottom: .75rem; font-size: 1.05rem; }
header p { margin: .4rem 0 1.5rem; }
p, footer { color: var(--soft); }
.signed { color: var(--ok); }
.unsigned, .warning { color: var(--warn); }
section, .warning { margin-bottom: 1rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: .8rem; background: light-dark(#fff, #182229); }
.warning { background: light-dark(#fff4e0, #33260f); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.25rem; padding: .5rem 0; }
dd { overflow-wrap: anywhere; }
dd code { user-select: all; font-weight: 600; }
ol { padding-left: 1.3rem; }
code { font: .9em ui-monospace, monospace; }
pre { overflow-x: auto; }
a { color: inherit; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } }
`;

/** Its SHA-256 in base64, for the Content-Security-Policy. A test says what it must be. */
export const STYLE_HASH = "63umGl57wQBMnxcrezTmAIuN6lyUukGPkoF3Zp8Qtak=";
