import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSecretName } from "../../shared/redact.ts";
import type { PeerText } from "../peer-text.ts";
import type { Header } from "../sender/outgoing-request.ts";

/** The oldest are deleted, so that a flood does not fill the disk. */
export const MOST_SAVED = 20;
const CREDENTIALS = /^(?:authorization|proxy-authorization|cookie)$/i;

/** The last requests, in a new folder that only this user can read. No file has a secret in it. */
export class SavedRequests {
  #folder: string | undefined;
  readonly #peer: PeerText;
  readonly #numbers: number[] = [];

  constructor(peer: PeerText) {
    this.#peer = peer;
  }

  /** Saves a request. Returns the arguments of `explain` that name it, or why it is not saved, as the end of a sentence. */
  save(number: number, rawHeaders: readonly string[], body: Buffer): string[] | string {
    // A masked body would have another signature.
    const text = body.toString();
    if (this.#peer.mask(text) !== text) return "the secret is in its body";
    try {
      const [bodyFile, headersFile] = this.#filesOf(number);
      writeFileSync(bodyFile, body);
      const headers = shownHeaders(rawHeaders, this.#peer);
      writeFileSync(headersFile, headers.map((header) => `${header.join(": ")}\n`).join(""));
      this.#numbers.push(number);
      if (this.#numbers.length > MOST_SAVED)
        for (const file of this.#filesOf(this.#numbers.shift() as number)) rmSync(file, { force: true });
      return [bodyFile, "--headers", headersFile];
    } catch (error) {
      return `${this.#folder ?? tmpdir()} cannot be written (${(error as NodeJS.ErrnoException).code})`;
    }
  }

  #filesOf(number: number): [body: string, headers: string] {
    this.#folder ??= mkdtempSync(join(tmpdir(), "replyhook-"));
    return [join(this.#folder, `${number}.json`), join(this.#folder, `${number}.headers.txt`)];
  }
}

/** Headers as they came, without secrets and credentials. */
export function shownHeaders(rawHeaders: readonly string[], peer: PeerText): Header[] {
  return rawHeaders.flatMap((name, i): Header[] => {
    if (i % 2 === 1) return [];
    return [[name, CREDENTIALS.test(name) || isSecretName(name) ? "***" : peer.mask(rawHeaders[i + 1] ?? "")]];
  });
}
