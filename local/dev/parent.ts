/** Time between two looks whether npm is still running, in milliseconds. */
const CHECK_MS = 500;

/**
 * Calls `onGone` once when the process that started this one has ended. npm passes a SIGTERM only to the shell that it started. That
 * shell ends and passes it to nobody, so we poll.
 */
export function whenParentEnds(onGone: () => void): void {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    // Only once: a server takes a second signal as "end now".
    clearInterval(check);
    onGone();
  }, CHECK_MS).unref();
}
