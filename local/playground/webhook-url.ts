/** The host of the playground's own address. The main app lets a webhook have the host that it has itself. */
const OWN_HOST = "localhost";
const BLOCKED_HOSTS = [OWN_HOST, "127.0.0.1", "0.0.0.0"];
/** What to do about a blocked address of this computer. */
export const USE_LOCALHOST = "For this computer, use the name localhost.";
const BLOCKED_PREFIXES = ["169.254.", "10.", "192.168."];

/**
 * Why the main app refuses to call this URL, in its words; undefined if it calls it. It looks at the text alone, and only
 * when it is about to call (observed).
 */
export function urlRefusal(url: string): string | undefined {
  if (!url) return "Webhook URL must not be empty";
  const [, scheme = "", rest = url] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url.replace(/^[\0-\x20]+|[\t\r\n]/g, "")) ?? [];
  if (!/^https?$/i.test(scheme)) return `Webhook URL must use http or https scheme, got '${scheme.toLowerCase()}'`;
  const host = hostOf(rest);
  if (!host) return "Webhook URL must have a host";
  if (host !== OWN_HOST && BLOCKED_HOSTS.includes(host)) return `Webhook URL host '${host}' is blocked`;
  if (BLOCKED_PREFIXES.some((prefix) => host.startsWith(prefix)))
    return `Webhook URL host '${host}' is blocked (private network)`;
  return undefined;
}

function hostOf(rest: string): string {
  const [, authority = ""] = /^\/\/([^/?#]*)/.exec(rest) ?? [];
  const hostAndPort = authority.slice(authority.lastIndexOf("@") + 1);
  const [, bracketed, plain = ""] = /^(?:\[([^\]]*)\]?|([^:]*))/.exec(hostAndPort) ?? [];
  return (bracketed ?? plain).toLowerCase();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what the main app's HTTP client refuses
const UNREADABLE = /^ |[\0-\x1f\x7f]/;

/**
 * The URL as it is called: the path and the query as given, and spaces at the end encoded (observed).
 * Undefined if the HTTP client cannot read it.
 */
export function calledUrl(url: string): URL | undefined {
  if (UNREADABLE.test(url)) return undefined;
  let end = url.length;
  while (url[end - 1] === " ") end--;
  return URL.parse(url.slice(0, end) + "%20".repeat(url.length - end)) ?? undefined;
}
