import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A variable as Netlify stores it. */
export interface Variable {
  key: string;
  is_secret?: boolean;
  scopes: string[];
  values: { context: string; value: string }[];
}

export type NetlifyApi = Awaited<ReturnType<typeof startNetlifyApi>>;

const SITE = "11111111-2222-4333-8444-555555555555";
const ADDRESSES = {
  url: "http://my-hook.netlify.app",
  ssl_url: "https://my-hook.netlify.app",
  admin_url: "https://app.invalid",
};

/** A small Netlify API on a real port, as far as netlify-cli uses it to set variables and to deploy (observed). */
export async function startNetlifyApi() {
  const project: Variable[] = [];
  const team: Variable[] = [];
  const events: string[] = [];
  let isCreated = true;
  let isBroken: (path: string) => boolean = () => false;
  let variableListener: () => void = () => {};
  let deployListener: () => Promise<void> | void = () => {};
  let uploaded: { files?: Record<string, string>; functions?: Record<string, string> } = {};
  const site = { id: SITE, name: "my-hook", account_slug: "someone", account_id: "a", build_settings: {}, ...ADDRESSES };
  const deploy = () => ({
    ...{ id: "d", site_id: SITE, name: site.name, state: "ready", deploy_ssl_url: "https://d.invalid", ...ADDRESSES },
    ...{ required: Object.values(uploaded.files ?? {}), required_functions: Object.values(uploaded.functions ?? {}) },
  });

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    const path = pathname.replace("/api/v1", "");
    const body = await textOf(request);
    const call = `${request.method} ${path}`;
    if (isBroken(call)) return answers(response, 503, { code: 503, message: "Out of order" });
    if (path.includes("/integrations/")) return answers(response, 200, []);
    if (request.headers.authorization !== "Bearer token")
      return answers(response, 401, { code: 401, message: "Access Denied" });
    if (path === "/user") return answers(response, 200, { id: "u", full_name: "Someone" });
    if (path === "/accounts") return answers(response, 200, [{ id: "a", slug: "someone", name: "Someone", default: true }]);
    if (call === "POST /me/sites" || call === "POST /someone/sites") {
      events.push("project created");
      isCreated = true;
      return answers(response, 201, site);
    }
    if (isCreated && path === `/sites/${SITE}`) return answers(response, 200, site);

    const variables = searchParams.get("site_id") === SITE ? project : team;
    const [, key] = /^\/accounts\/someone\/env\/(.+)$/.exec(path) ?? [];
    if (call === "GET /accounts/someone/env") return answers(response, 200, variables);
    if (call === "POST /accounts/someone/env") {
      variableListener();
      events.push("variable set");
      variables.push(...(JSON.parse(body) as Variable[]));
      return answers(response, 201, variables);
    }
    if (key && request.method === "DELETE") {
      const at = variables.findIndex((variable) => variable.key === key);
      if (at !== -1) variables.splice(at, 1);
      return answers(response, 204);
    }
    if (key && request.method === "PUT") {
      variableListener();
      const at = variables.findIndex((variable) => variable.key === key);
      variables[at] = JSON.parse(body) as Variable;
      return answers(response, 200, variables[at]);
    }

    if (call === `POST /sites/${SITE}/deploys`) return answers(response, 200, { ...deploy(), state: "new" });
    if (call === `PUT /sites/${SITE}/deploys/d`) {
      await deployListener();
      events.push("deployed");
      uploaded = JSON.parse(body);
      return answers(response, 200, { ...deploy(), state: "prepared" });
    }
    if (path === `/sites/${SITE}/deploys/d`) return answers(response, 200, deploy());
    if (path.startsWith("/deploys/d/")) return answers(response, 200, {});
    return answers(response, 404, { code: 404, message: `The stand-in has no ${call}.` });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    env: { NETLIFY_API_URL: `${origin}/api/v1`, NETLIFY_AUTH_TOKEN: "token" },
    siteId: SITE,
    project,
    team,
    /** What was done, in order. */
    events,
    /** There is no project until one is created. */
    removeProject() {
      isCreated = false;
    },
    /** From now on, these calls answer 503. */
    failWhere(calls: (call: string) => boolean) {
      isBroken = calls;
    },
    /** Called when a variable has arrived, before it is stored and answered. */
    onVariable(then: () => void) {
      variableListener = then;
    },
    /** Called when a deploy has arrived, before it is answered. */
    onDeploy(then: () => Promise<void> | void) {
      deployListener = then;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function answers(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
