import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Binding {
  name: string;
  type: string;
  text?: string;
}

/** What wrangler uploads with the code. */
interface Metadata {
  bindings: Binding[];
  keep_bindings?: string[];
}

export type Cloudflare = Awaited<ReturnType<typeof startCloudflare>>;

/** A small Cloudflare API on a real port, as far as `wrangler deploy` and `wrangler secret list` use it (observed). */
export async function startCloudflare() {
  const account = "0123456789abcdef0123456789abcdef";
  const workers = new Map<string, Map<string, string>>();
  let isBroken: (path: string) => boolean = () => false;
  let uploadListener: () => Promise<void> | void = () => {};

  const server = createServer(async (request, response) => {
    const path = (request.url ?? "").replace(`/client/v4/accounts/${account}/workers`, "").replace(/\?.*/, "");
    const body = await textOf(request);
    if (isBroken(path)) return fails(response, 503, 10013, "An unknown error has occurred.");
    const [, name = ""] = /^\/(?:scripts|services|workers)\/([^/]+)/.exec(path) ?? [];
    const secrets = workers.get(name);

    if (path === "/subdomain") return answers(response, { subdomain: "someone" });
    const isFirst = request.method === "PUT" && path === `/scripts/${name}`;
    if (isFirst || (request.method === "POST" && path === `/scripts/${name}/versions`)) {
      await uploadListener();
      const [, metadata = "{}"] = /name="metadata"\r\n\r\n(.*?)\r\n--/s.exec(body) ?? [];
      workers.set(name, new Map([...kept(secrets, JSON.parse(metadata)), ...sent(JSON.parse(metadata))]));
      const resources = { script: { etag: "e" } };
      return answers(response, { id: "11111111-1111-4111-8111-111111111111", startup_time_ms: 1, metadata: {}, resources });
    }
    if (!secrets) return fails(response, 404, 10007, "This Worker does not exist on your account.");
    if (path === `/scripts/${name}/secrets`)
      return answers(
        response,
        [...secrets.keys()].map((secret) => ({ name: secret, type: "secret_text" })),
      );
    if (path === `/services/${name}`)
      return answers(response, { id: name, default_environment: { environment: "production", script: { tag: "t" } } });
    if (path === `/scripts/${name}/deployments`) return answers(response, { id: "d", deployments: [], versions: [] });
    if (path === `/scripts/${name}/settings`) return answers(response, { bindings: [], tags: [] });
    if (path === `/scripts/${name}/script-settings`) return answers(response, {});
    if (path === `/scripts/${name}/subdomain`) return answers(response, { enabled: true, previews_enabled: true });
    if (path === `/workers/${name}`) return answers(response, { id: "w", name, subdomain: {}, observability: {} });
    return fails(response, 404, 7003, `The stand-in has no ${request.method} ${path}.`);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));

  return {
    env: {
      CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`,
      CLOUDFLARE_API_TOKEN: "token",
      CLOUDFLARE_ACCOUNT_ID: account,
    },
    /** The secrets of each Worker that exists. */
    workers,
    /** From now on, these paths answer 503. */
    failWhere(paths: (path: string) => boolean) {
      isBroken = paths;
    },
    /** Called when code and secrets have arrived, before they are stored and answered. */
    onUpload(then: () => Promise<void> | void) {
      uploadListener = then;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function kept(secrets: Map<string, string> | undefined, { keep_bindings = [] }: Metadata): [string, string][] {
  return keep_bindings.includes("secret_text") ? [...(secrets ?? [])] : [];
}

function sent({ bindings }: Metadata): [string, string][] {
  return bindings.flatMap(({ name, type, text = "" }) => (type === "secret_text" ? [[name, text] as [string, string]] : []));
}

function answers(response: ServerResponse, result: unknown): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ success: true, errors: [], messages: [], result }));
}

function fails(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
