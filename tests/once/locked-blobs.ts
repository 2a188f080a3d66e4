import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { BlobsServer } from "@netlify/blobs/server";

/** What the store answers instead of the server, or nothing at all. */
export type Fault = { status: number; body?: string } | "hang";

export interface LockedBlobs {
  /** What the function finds as NETLIFY_BLOBS_CONTEXT. */
  readonly context: string;
  /** The method of each request, and what it was answered: `PUT 412`. */
  readonly answers: string[];
  /** The keys in the store. */
  keys(): Promise<string[]>;
  /** What goes wrong with a request. */
  fault: (method: string) => Fault | undefined;
  /** Ends it, with all connections. */
  stop(): Promise<void>;
}

/**
 * Netlify's own local server of Blobs, with a lock in front, because its conditional writes are not atomic: one request at a time.
 * Its ETags are made from the path and the time, and are not in an answer to GET. With `ofContent`, ETags are as deployed: made
 * from the content, and in each answer.
 */
export async function lockedBlobs({ ofContent = true } = {}): Promise<LockedBlobs> {
  const directory = await mkdtemp(join(tmpdir(), "replyhook-blobs-"));
  const local = new BlobsServer({ directory, token: "token" });
  const { address } = await local.start();
  // The ETag of the local server, and the one that is shown instead.
  const etagOf = new Map<string, { local: string; shown: string }>();
  let latest: Promise<unknown> = Promise.resolve();

  const proxy = createServer(async (incoming, outgoing) => {
    const { method = "", url = "" } = incoming;
    const body = await buffer(incoming);
    const fault = blobs.fault(method);
    if (fault) return answer(outgoing, method, fault);
    const turn = latest.then(async () => {
      const { "if-match": ifMatch, "if-none-match": ifNoneMatch } = incoming.headers;
      const known = etagOf.get(url);
      const headers = {
        authorization: incoming.headers.authorization ?? "",
        ...(ifNoneMatch && { "if-none-match": ifNoneMatch }),
        ...(ifMatch && { "if-match": ifMatch === known?.shown ? known.local : ifMatch }),
      };
      const response = await fetch(new URL(url, address), { method, headers, ...(method === "PUT" && { body }) });
      const local = response.headers.get("etag");
      if (local) etagOf.set(url, { local, shown: ofContent ? `"${createHash("md5").update(body).digest("hex")}"` : local });
      const etag = ofContent || local ? etagOf.get(url)?.shown : undefined;
      if (etag && response.ok) outgoing.setHeader("etag", etag);
      answer(outgoing, method, { status: response.status, body: await response.text() });
    });
    latest = turn.catch(() => outgoing.destroy());
  });

  const answer = (outgoing: ServerResponse, method: string, fault: Fault) => {
    blobs.answers.push(`${method} ${fault === "hang" ? fault : fault.status}`);
    if (fault !== "hang") outgoing.writeHead(fault.status).end(fault.status === 204 ? undefined : fault.body);
  };
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    proxy.closeAllConnections();
    proxy.close();
    await local.stop();
    await rm(directory, { recursive: true, force: true });
  };

  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const uncachedEdgeURL = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  // Nothing answers where a cache would, so only a store with strong consistency works.
  const access = { edgeURL: "http://127.0.0.1:1", uncachedEdgeURL, siteID: "site", token: "token" };
  const blobs: LockedBlobs = {
    context: Buffer.from(JSON.stringify(access)).toString("base64"),
    answers: [],
    async keys() {
      const response = await fetch(new URL("/site/site:replyhook-once", address), {
        headers: { authorization: "Bearer token" },
      });
      const { blobs } = (await response.json()) as { blobs: { key: string }[] };
      return blobs.map(({ key }) => key);
    },
    fault: () => undefined,
    stop,
  };
  return blobs;
}
