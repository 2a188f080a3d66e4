import { readFile } from "node:fs/promises";

/** What a process has used. Each figure is NaN where there is no /proc: it is Linux that tells. */
export interface Usage {
  /** The CPU time of all of its threads so far, in steps of 10 ms. */
  readonly cpuMs: number;
  /** The memory that it has now, and the most that it has had, in MB. */
  readonly residentMb: number;
  readonly peakMb: number;
}

/** CPU time and memory of a process so far. */
export async function usage(pid: number): Promise<Usage> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  const [, user, system] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(await read("stat")) ?? [];
  const status = await read("status");
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { cpuMs: (Number(user) + Number(system)) * 10, residentMb: megabytes("VmRSS"), peakMb: megabytes("VmHWM") };
}
