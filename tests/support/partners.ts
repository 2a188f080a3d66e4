/** Whether a file is the partner's, as UPGRADING.md says. The tests of the project do not judge it. */
export function isPartners(file: string): boolean {
  return /^(?:shared\/(?:mine\/|reply\.ts$)|tests\/reply\/|workers\/mine|functions\/mine\/|examples\/mine\/)/.test(file);
}
