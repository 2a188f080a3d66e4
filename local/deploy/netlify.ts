import { NETLIFY_CLI } from "../dev/targets.ts";
import { argumentsNamed, type Deployment, type Platform, type Session } from "./platform.ts";
import { type Secrets, withSecretFile } from "./secrets.ts";
import { jsonOf, PlatformError, type ToolCommand } from "./tool.ts";

/** The options of netlify-cli that say who asks, and from where. */
const COMMON_OPTIONS = {
  auth: { type: "string" },
  cwd: { type: "string" },
  filter: { type: "string" },
} as const;
const SITE_OPTIONS = { site: { type: "string", short: "s" } } as const;

/** What `netlify status` and Netlify's API say, as far as it is needed here. */
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

/** Netlify, deployed by netlify-cli. Variables of `netlify.toml` never reach a deployed function: the project's own do. */
export function netlify({ tool, args, folder }: Session): Platform {
  const common = argumentsNamed(COMMON_OPTIONS, args);
  const cli = (...words: readonly string[]): ToolCommand => ({
    file: "npx",
    args: ["--yes", NETLIFY_CLI, ...words],
    env: { ...process.env, NETLIFY_TELEMETRY_DISABLED: "1" },
  });
  const deployPlain = () => tool.show(cli("deploy", "--prod", ...args));

  /** What a command answers as JSON; where it fails, an error that says what was wanted of it. */
  async function ask<Answer>(wanted: string, ...words: readonly string[]): Promise<Answer> {
    const { code, stdout, stderr } = await tool.read(cli(...words, ...common));
    const answer = code === 0 && jsonOf<Answer>(stdout);
    if (!answer) throw new PlatformError(`Netlify did not ${wanted}, so nothing was deployed. It said:\n${stderr.trim()}`);
    return answer;
  }
  const api = <Answer>(wanted: string, method: string, data: object) =>
    ask<Answer>(wanted, "api", method, "--data", JSON.stringify(data));

  /** The project that is deployed to: the person's choice, or the one that this folder is linked to, or a new one. */
  async function findProject(): Promise<Project> {
    const { linked, siteData } = await loggedIn();
    const chosen = argumentsNamed(SITE_OPTIONS, args).at(-1) ?? process.env.NETLIFY_SITE_ID;
    if (!chosen && !linked) return await createdProject();
    return await getProject(chosen || siteData?.["site-id"]);
  }

  async function loggedIn(): Promise<Status> {
    let who = await status();
    if (!who.loggedIn && tool.isInteractive && (await tool.show(cli("login", ...common))) === 0) who = await status();
    if (who.loggedIn) return who;
    const howTo = `Run npx ${NETLIFY_CLI} login, or set NETLIFY_AUTH_TOKEN, and deploy again.`;
    throw new PlatformError(`You are not logged in to Netlify, so nothing was deployed. ${howTo}`);
  }

  async function createdProject(): Promise<Project> {
    console.log("This folder is linked to no Netlify project, so a new one is made.");
    console.log(`To use one that you have, press Ctrl-C, run npx ${NETLIFY_CLI} link, and deploy again.`);
    if ((await tool.show(cli("sites:create", ...common))) !== 0)
      throw new PlatformError("Netlify made no project, so nothing was deployed.");
    return await getProject((await status()).siteData?.["site-id"]);
  }

  async function status(): Promise<Status> {
    // Its exit code says the same as what it answers.
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

  async function hasSecret(name: string): Promise<boolean> {
    const { id, account_slug } = await project();
    const isAmong = async (where: object) => {
      const variables = await api<{ key: string }[]>(`say whether it has a ${name}`, "getEnvVars", where);
      return variables.some(({ key }) => key === name);
    };
    // The project's own, and those that the whole team shares.
    return (await isAmong({ account_id: account_slug, site_id: id })) || (await isAmong({ account_id: account_slug }));
  }

  async function deploy(secrets: Secrets): Promise<Deployment> {
    const { id, url, ssl_url } = await project();
    // A deployed function has the variables that were set before it was deployed.
    for (const [name, secret] of Object.entries(secrets)) await setSecret(name, secret, id);
    return { code: await deployPlain(), origin: ssl_url ?? url };
  }

  async function setSecret(name: string, secret: string, site: string): Promise<void> {
    // Only env:import takes a value from a file. It prints what it has set, and says nothing when it has set nothing.
    const set = await withSecretFile(folder, `${name}=${quoted(name, secret)}\n`, (file) =>
      ask<Record<string, string>>(`take ${name}`, "env:import", file, "--json", "--site", site),
    );
    if (set[name] !== secret) throw new PlatformError(`Netlify did not take ${name} as it is, so nothing was deployed.`);
    const marked = await tool.read(cli("env:set", name, "--secret", "--force", "--site", site, ...common));
    if (marked.code !== 0)
      console.error(`${name} is set, but not marked as secret: who can see the project's settings on Netlify can read it.`);
  }

  return {
    title: "Netlify",
    firstWords: `Starting ${NETLIFY_CLI}. The first start downloads it (about 600 MB).`,
    runPlain: deployPlain,
    hasSecret,
    deploy,
  };
}

/** The secret as a line of an .env file has it, in quotes between which netlify-cli changes nothing. */
function quoted(name: string, secret: string): string {
  const quote = ["'", "`"].find((sign) => !secret.includes(sign));
  if (quote && !/[\r\n]/.test(secret)) return quote + secret + quote;
  throw new PlatformError(
    `${name} has both ' and \` in it, or a line break, and cannot be sent from here. Set it in the project's settings on Netlify.`,
  );
}
