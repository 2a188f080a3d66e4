import { NETLIFY_CLI } from "./targets.ts";

export const HELP = `Starts your webhook on this computer, and shows each edit at once. Ctrl-C ends it.

  npm run dev             the Worker, in wrangler dev, and the playground: a page to chat with it
  npm run dev:worker      the Worker alone
  npm run dev:netlify     the Netlify Function, in netlify dev
  npm run dev:node        the Node server, server.mjs

Settings come from the shell and from .env (.env.example lists them). PORT is the port, 8081 if it is not set,
and PLAYGROUND_PORT the playground's, 8082:

  PORT=9000 WEBHOOK_SECRET=abc npm run dev:node

What follows -- goes to the platform's tool:

  npm run dev -- --tunnel                        a public URL, for /run
  npm run dev -- --tunnel --tunnel-name NAME     a public URL, also for the chat; needs a Cloudflare account
  npm run dev:netlify -- --live                  a public URL; needs a Netlify login and a linked project

Their own options: npx wrangler dev --help, npx ${NETLIFY_CLI} dev --help`;
