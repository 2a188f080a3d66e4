// netlify-cli reads extensions from another host than NETLIFY_API_URL. Here that host is the stand-in too.
const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.hostname !== "api.netlifysdk.com") return fetch(input, init);
  return fetch(new URL(url.pathname, process.env.NETLIFY_API_URL), init);
};
