import { NETLIFY_CLI } from "../dev/targets.ts";
import { argumentsNamed, type Deployment, type Platform, type Session } from "./platform.ts";
import { isWebhookSecret, type Secrets, withSecretFile } from "./secrets.ts";
import { jsonOf, PlatformError, type ToolCommand } from "./tool.ts";

/** The options of netlify-cli that name the account and the folder. */
const COMMON_OPTIONS = {
  auth: { type: "string" },
  cwd: { type: "string" },
  filter: { type: "string" },
} as const;
const SITE_OPTIONS = { site: { type: "string", short: "s" } } as const;

/** The needed parts of the answers of `netlify status` and of Netlify's API. */
interface Status {
  readonly loggedIn: boolean;
  readonly linked: boolean;
  readonly siteData: { "site-id"?: string } | null;
}
interface Project {
  readonly id: string;
  readonly account_slug: string;
  readonly url: string;
  readonly ssl_url?: string;
}

/** Netlify, through netlify-cli. A deployed function gets the project's variables, and never those of `netlify.toml`. */
export function netlify({ tool, args, folder }: Session): Platform {
  const common = argumentsNamed(COMMON_OPTIONS, args);
  const cli = (...words: readonly string[]): ToolCommand => ({
    file: "npx",
    args: ["--yes", NETLIFY_CLI, ...words],
    env: { ...process.env, NETLIFY_TELEMETRY_DISABLED: "1" },
  });
  const deployPlain = () => tool.show(cli("deploy", "--prod", ...args));

  /** A command's answer as JSON. If the command fails, the error says what was `wanted`. */
  async function ask<Answer>(wanted: string, ...words: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await tool.read(cli(...words, ...common));
    const answer = code === 0 && jsonOf<Answer>(stdout);
    if (!answer) throw new PlatformError(`Netlify did not ${wanted}, so nothing was deployed. It said:\n${stderr.trim()}`);
    return answer;
  }
  const api = <Answer>(wanted: string, method: string, data: object) =>
    ask<Answer>(wanted, "api", method, "--data", JSON.stringify(data));

  /** The project to deploy to: the user's choice, else the one that this folder is linked to, else a new one. */
  async function findProject(): Promise<Project> {
    const { linked, siteData } = await loggedIn();
    const chosen = argumentsNamed(SITE_OPTIONS, args).at(-1) ?? process.env.NETLIFY_SITE_ID;
    if (!chosen && !linked) return await createdProject();
    return await getProject(chosen || siteData?.["site-id"]);
  }

  async function loggedIn(): Promise<Status> {
    let account = await status();
    if (!account.loggedIn && tool.isInteractive && (await tool.show(cli("login", ...common))) === 0) account = await status();
    if (account.loggedIn) return account;
    const howTo = `Run npx ${NETLIFY_CLI} login, or set NETLIFY_AUTH_TOKEN, and deploy again.`;
    throw new PlatformError(`You are not logged in to Netlify, so nothing was deployed. ${howTo}`);
  }

  async function createdProject(): Promise<Project> {
    console.log("This folder is not linked to a Netlify project, so a new project is made.");
    console.log(`To use a project that you have, press Ctrl-C, run npx ${NETLIFY_CLI} link, and deploy again.`);
    if ((await tool.show(cli("sites:create", ...common))) !== 0)
      throw new PlatformError("Netlify made no project, so nothing was deployed.");
    return await getProject((await status()).siteData?.["site-id"]);
  }

  async function status(): Promise<Status> {
    // The exit code is not needed: the answer says the same.
    const { stdout, stderr } = await tool.read(cli("status", "--json", ...common));
    const answer = jsonOf<Status>(stdout);
    if (!answer)
      throw new PlatformError(`Netlify did not say who you are, so nothing was deployed. It said:\n${stderr.trim()}`);
    return answer;
  }

  const getProject = (id: string | undefined) =>
    api<Project>("find the project (name it by its ID)", "getSite", { site_id: id });

  let found: Promise<Project> | undefined;
  const project = () => {
    found ??= findProject();
    return found;
  };

  async function hasSecret(): Promise<boolean> {
    const { id, account_slug } = await project();
    const isAmong = async (where: object) => {
      const variables = await api<{ key: string }[]>("say whether it has a WEBHOOK_SECRET", "getEnvVars", where);
      return variables.some(({ key }) => isWebhookSecret(key));
    };
    // First the project's own variables, then those that the whole team shares.
    return (await isAmong({ account_id: account_slug, site_id: id })) || (await isAmong({ account_id: account_slug }));
  }

  async function deploy(secrets: Secrets): Promise<Deployment> {
    const { id, url, ssl_url } = await project();
    // A function gets the variables that are set before it is deployed.
    for (const [name, secret] of Object.entries(secrets)) await setSecret(name, secret, id);
    return { code: await deployPlain(), origin: ssl_url ?? url };
  }

  async function setSecret(name: string, secret: string, site: string): Promise<void> {
    // Only env:import reads a value from a file. It prints the values that it has set.
    const set = await withSecretFile(folder, `${name}=${quoted(name, secret)}\n`, (file) =>
      ask<Record<string, string>>(`take ${name}`, "env:import", file, "--json", "--site", site),
    );
    if (set[name] !== secret) throw new PlatformError(`Netlify did not take ${name} as it is, so nothing was deployed.`);
    const marked = await tool.read(cli("env:set", name, "--secret", "--force", "--site", site, ...common));
    if (marked.code !== 0)
      console.error(`${name} is set, but not marked as secret: it can be read in the project's settings on Netlify.`);
  }

  return {
    title: "Netlify",
    firstWords: `Starting ${NETLIFY_CLI}. The first start downloads it (about 600 MB).`,
    runPlain: deployPlain,
    hasSecret,
    deploy,
  };
}

/** The secret as a value in an .env file, in quotes inside which netlify-cli changes nothing. */
function quoted(name: string, secret: string): string {
  const quote = ["'", "`"].find((sign) => !secret.includes(sign));
  if (quote && !/[\r\n]/.test(secret)) return quote + secret + quote;
  throw new PlatformError(
    `${name} has both ' and \` in it, or a line break, so it cannot be sent from here. Set it in the project's settings on Netlify.`,
  );
}
