/** A text that an HTTP header can carry, and that no parser trims. */
const HEADER_SAFE = /^[!-~](?:[ -~]*[!-~])?$/;

/** Whether a secret can be sent as a header: printable ASCII, without white space around it. */
export function isHeaderSafe(secret: string): boolean {
  return HEADER_SAFE.test(secret);
}
