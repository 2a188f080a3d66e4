#!/usr/bin/env node
/** In place of cloudflared, which needs the Internet: says on stderr, as cloudflared does, that a quick tunnel is open. */
console.error("INF |  https://quick-brown-fox.trycloudflare.com                                         |");
setInterval(() => {}, 60_000);
