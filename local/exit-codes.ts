/** The exit codes of `replyhook`. */
export const EXIT = { passed: 0, failed: 1, usage: 2, signatureRefused: 3, unreachable: 4 } as const;
