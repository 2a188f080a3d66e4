import { getStore, type Store } from "@netlify/blobs";
import { type Claim, claimOn, type Entry, type OnceStore } from "../../shared/once/store.ts";

const STORE_NAME = "replyhook-once";
/** How long Netlify Blobs may take for one answer, in milliseconds. The reply waits less, but a late claim can still be of use. */
const ANSWER_MS = 5000;
/** What is this old by its timestamp, in milliseconds, plus a lease, is of no use: the timestamp refuses a copy, and nobody waits. */
const OLD_MS = 600_000;
/** How often one instance sweeps, in milliseconds, how many it deletes then, and how many at once. */
const SWEEP_EVERY_MS = 60_000;
const MAX_DELETED = 200;
const DELETED_AT_ONCE = 20;

interface BlobEntry extends Entry {
  /** Makes each claim another blob, because an ETag may be made from the content alone. */
  readonly id?: string;
}

export interface BlobsOnceStore extends OnceStore {
  /** Deletes what is old, if there was a claim and the last sweep was a minute ago. Never rejects. */
  sweep(): Promise<void>;
}

/**
 * Requests and their answers in Netlify Blobs, whose conditional writes are atomic. A token is the ETag of a claim. Nothing
 * expires there, so `sweep` is to be called after requests. Without Blobs, each request is a first one.
 */
export function blobsOnceStore(): BlobsOnceStore {
  let latestLeaseMs: number | undefined;
  let nextSweepAt = 0;
  const claimed = (token: string, leaseMs: number): Claim => {
    latestLeaseMs = leaseMs;
    return { token };
  };

  return {
    async claim(key, leaseMs): Promise<Claim> {
      const blobs = openBlobs();
      if (!blobs) return { token: "" };
      const claim: BlobEntry = { until: Date.now() + leaseMs, id: crypto.randomUUID() };
      // Another may release the claim, or take it over, between two of these steps.
      for (let tries = 0; tries < 2; tries++) {
        const token = (await write(blobs, key, claim, { onlyIfNew: true })).etag;
        if (token) return claimed(token, leaseMs);
        const found = await read(blobs, key);
        if (!found) continue;
        const { entry, etag } = found;
        const others = claimOn(entry, Date.now());
        if (others) return others;
        // Without a condition, the client would write over another's claim.
        if (!etag) continue;
        const taken = (await write(blobs, key, claim, { onlyIfMatch: etag })).etag;
        if (taken) return claimed(taken, leaseMs);
      }
      throw new Error("Netlify Blobs takes no claim");
    },
    keep: (key, token, answer, keepMs) => replace(key, token, { until: Date.now() + keepMs, answer }),
    release: (key, token) => replace(key, token, { until: 0 }),

    async sweep() {
      if (latestLeaseMs === undefined || Date.now() < nextSweepAt) return;
      nextSweepAt = Date.now() + SWEEP_EVERY_MS;
      try {
        const isComplete = await deleteOlderThan((Date.now() - OLD_MS - latestLeaseMs) / 1000);
        if (!isComplete) nextSweepAt = 0;
      } catch {
        // The next one deletes it.
      }
    },
  };
}

/** Undefined if this function has no Netlify Blobs. Only an invocation brings the access to them. */
function openBlobs(): Store | undefined {
  try {
    return getStore({ name: STORE_NAME, consistency: "strong", fetch: fetchOnce });
  } catch (error) {
    if ((error as Error).name === "MissingBlobsEnvironmentError") return undefined;
    throw error;
  }
}

/**
 * The client's `fetch`. It asks again after 5 s, up to five times, if there is no answer, or 429 or 5xx. A reply cannot wait for
 * that, so those become an answer which the client takes for final.
 */
async function fetchOnce(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  // Compression can weaken the ETag, and no conditional write matches a weak one (RFC 9110, 13.1.1).
  headers.set("accept-encoding", "identity");
  try {
    const response = await fetch(url, { ...init, headers, signal: AbortSignal.timeout(ANSWER_MS) });
    return response.status === 429 || response.status >= 500 ? failure(`status ${response.status}`) : response;
  } catch {
    return failure("no answer");
  }
}

function failure(why: string): Response {
  return new Response(null, { status: 424, headers: { "x-nf-error": why } });
}

/** The new ETag. None if nothing was written. */
async function write(blobs: Store, key: string, entry: BlobEntry, condition: { onlyIfNew: true } | { onlyIfMatch: string }) {
  const { modified, etag } = await blobs.set(key, JSON.stringify(entry), condition);
  // The client (11.1.1) says `modified` without an ETag for each failure but 412.
  return { isRefused: !modified, etag: modified ? etag : undefined };
}

/** What is there. An entry that is over comes with its ETag. */
async function read(blobs: Store, key: string): Promise<{ entry: BlobEntry; etag?: string | undefined } | undefined> {
  const found = await blobs.getWithMetadata(key);
  if (!found) return undefined;
  const entry: BlobEntry = JSON.parse(found.data);
  if (found.etag || claimOn(entry, Date.now())) return { entry, etag: found.etag };
  // The server of `netlify dev` gives ETags only in lists. Asked for before the content, it is never newer than that.
  const [listed] = (await blobs.list({ prefix: key })).blobs;
  const data = await blobs.get(key, { type: "text" });
  return listed && data ? { entry: JSON.parse(data), etag: listed.etag } : undefined;
}

/** Writes over the claim with this token, if it is still there. */
async function replace(key: string, token: string, entry: BlobEntry): Promise<void> {
  // Without a token there was no claim, and the client would write unconditionally.
  const blobs = token ? openBlobs() : undefined;
  if (!blobs) return;
  const { isRefused, etag } = await write(blobs, key, entry, { onlyIfMatch: token });
  if (!isRefused && !etag) throw new Error("Netlify Blobs did not write the answer");
}

/** Deletes keys with a timestamp before this one, in Unix seconds, from the first page of the list. False if too many are left. */
async function deleteOlderThan(timestamp: number): Promise<boolean> {
  const blobs = openBlobs();
  if (!blobs) return true;
  for await (const page of blobs.list({ paginate: true })) {
    const old = page.blobs.map(({ key }) => key).filter((key) => Number.parseInt(key, 10) < timestamp);
    for (let from = 0; from < Math.min(old.length, MAX_DELETED); from += DELETED_AT_ONCE)
      await Promise.all(old.slice(from, from + DELETED_AT_ONCE).map((key) => blobs.delete(key)));
    return old.length <= MAX_DELETED;
  }
  return true;
}
