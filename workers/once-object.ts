import { DurableObject } from "cloudflare:workers";
import { type Claim, claimOn, type Entry, type OnceStore } from "../shared/once/store.ts";

interface HeldEntry extends Entry {
  readonly token: string;
}

const ENTRY = "entry";

/**
 * One signed request, in a Durable Object with its own storage. Each object does one thing at a time, so a claim is atomic.
 * What is kept is deleted when its time is over.
 */
export class OnceObject extends DurableObject {
  async claim(leaseMs: number): Promise<Claim> {
    const others = claimOn(this.#entry(), Date.now());
    if (others) return others;
    const token = crypto.randomUUID();
    await this.#put({ token, until: Date.now() + leaseMs });
    return { token };
  }

  async keep(token: string, answer: string, keepMs: number): Promise<void> {
    if (this.#entry()?.token === token) await this.#put({ token, until: Date.now() + keepMs, answer });
  }

  async release(token: string): Promise<void> {
    if (this.#entry()?.token === token) await this.ctx.storage.deleteAll();
  }

  /** Deletes what is kept. It rings only for the time that was set last, so never in the middle of the next claim. */
  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }

  #entry(): HeldEntry | undefined {
    return this.ctx.storage.kv.get<HeldEntry>(ENTRY);
  }

  async #put(entry: HeldEntry): Promise<void> {
    this.ctx.storage.kv.put(ENTRY, entry);
    await this.ctx.storage.setAlarm(entry.until);
  }
}

/** The store of these objects: one for each signed request, found by its key. */
export function durableObjectStore(objects: DurableObjectNamespace<OnceObject>): OnceStore {
  return {
    claim: (key, leaseMs) => objects.getByName(key).claim(leaseMs),
    keep: (key, token, answer, keepMs) => objects.getByName(key).keep(token, answer, keepMs),
    release: (key, token) => objects.getByName(key).release(token),
  };
}
