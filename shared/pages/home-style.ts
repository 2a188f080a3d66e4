/** The style of the page at GET /. Colours follow the reader's light or dark setting. */
export const STYLE = `
:root { --ink: #16202a; --soft: #55626e; --paper: #f5f7f8; --card: #fff; --line: #dbe2e6; --ok: #0f766e; --warn: #8a4b08; --warn-back: #fff4e0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf1; --soft: #9fb0bb; --paper: #10171c; --card: #182229; --line: #2b3943; --ok: #4fd1b8; --warn: #ffce85; --warn-back: #33260f; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem; }
h1 { display: flex; align-items: center; gap: .7rem; margin: 0; font-size: 1.9rem; letter-spacing: -.02em; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
header p { margin: .4rem 0 1.5rem; color: var(--soft); }
.dot { width: .8rem; height: .8rem; border-radius: 50%; background: var(--ok); }
.mode.signed { color: var(--ok); }
.mode.unsigned, .warning { color: var(--warn); }
.warning { margin: 0 0 1rem; padding: .75rem 1rem; border-radius: .6rem; background: var(--warn-back); }
section { margin: 0 0 1rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: .8rem; background: var(--card); }
section p { margin: .75rem 0 0; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.25rem; margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
ol { margin: 0; padding-left: 1.3rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
dd code { user-select: all; font-weight: 600; }
pre { margin: 0; overflow-x: auto; }
footer { margin-top: 1.5rem; color: var(--soft); }
a { color: inherit; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: .15rem; } dd { margin-bottom: .6rem; } }
`;
