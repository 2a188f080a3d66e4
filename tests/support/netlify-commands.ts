/**
 * The commands of netlify-cli that our texts name, and their options. netlify-cli is too large for most test runs, so
 * tests/netlify-cli/named-commands.slow.test.ts compares this list with the CLI itself.
 */
export const NETLIFY_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  deploy: [],
  dev: ["--help"],
  "env:unset": [],
  link: [],
  login: [],
  logs: ["--follow", "--function", "--level", "--since", "--source", "--until"],
  status: [],
};
