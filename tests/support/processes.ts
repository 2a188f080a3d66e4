import { readdirSync, readFileSync } from "node:fs";

/** A process and all that it started, as Linux knows them. */
export function processTree(pid: number): number[] {
  const children = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && parentOf(Number(entry)) === pid);
  return [pid, ...children.flatMap((child) => processTree(Number(child)))];
}

/**
 * The process that runs the webhook: the server itself, or below `wrangler dev` the workerd with the Worker. The other workerd
 * there is a proxy: it listens on the chosen port, and the Worker on any.
 */
export function webhookProcess(pid: number): number {
  return (
    processTree(pid).find((process) =>
      /workerd\0serve\0.*\0--socket-addr=entry=127\.0\.0\.1:0\0/s.test(read(process, "cmdline") ?? ""),
    ) ?? pid
  );
}

/** The memory of a process, in MB. */
export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(read(pid, "status") ?? "")?.[1]) / 1024;
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(pid, "status") ?? "")?.[1]);
}

/** Undefined if the process has ended. */
function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
