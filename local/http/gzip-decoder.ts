import { crc32 } from "node:zlib";
import type { Decoder } from "./content-encoding.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { Inflater } from "./inflater.ts";
import { MAX_HEAD_BYTES } from "./limits.ts";

const NOTHING = Buffer.alloc(0);
/** The two bytes of every gzip file, then its method, deflate. */
const MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);
const FIXED_BYTES = 10;
const FLAGS_AT = 3;
const FLAG = { headerChecksum: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };
const WORD = 4;

/**
 * Decodes the first member of a gzip file, and ignores what follows, as the main app does: node:zlib's own decoder
 * would decode all members.
 */
export class GzipDecoder implements Decoder {
  readonly #inflater: Inflater;
  readonly #header = new GrowingBytes();
  readonly #trailer = new GrowingBytes();
  #inHeader = true;
  #checksum = 0;
  #length = 0;

  constructor(maxBytes: number) {
    this.#inflater = new Inflater("raw", maxBytes);
  }

  async decode(bytes: Uint8Array): Promise<Uint8Array> {
    const compressed = this.#inHeader ? this.#afterHeader(bytes) : bytes;
    const { decoded, rest } = await this.#inflater.inflate(compressed);
    this.#checksum = crc32(decoded, this.#checksum);
    this.#length += decoded.length;
    if (rest.length > 0) this.#check(rest);
    return decoded;
  }

  close(): void {
    this.#inflater.close();
  }

  #afterHeader(bytes: Uint8Array): Uint8Array {
    this.#header.add(bytes);
    const header = this.#header.bytes;
    const length = headerLength(header);
    if (length === undefined && header.length > MAX_HEAD_BYTES)
      throw new Error(`its header has more than ${MAX_HEAD_BYTES} bytes`);
    this.#inHeader = length === undefined;
    return length === undefined ? NOTHING : header.subarray(length);
  }

  /** The trailer is the checksum and the length of the decoded bytes. It may be cut off: the main app does not mind. */
  #check(rest: Uint8Array): void {
    this.#trailer.add(rest.subarray(0, 2 * WORD - this.#trailer.length));
    const expected = Buffer.alloc(2 * WORD);
    expected.writeUInt32LE(this.#checksum);
    expected.writeUInt32LE(this.#length % 2 ** 32, WORD);
    const { bytes } = this.#trailer;
    if (differs(bytes, expected, 0)) throw new Error("incorrect data check");
    if (differs(bytes, expected, WORD)) throw new Error("incorrect length check");
  }
}

function differs(bytes: Buffer, expected: Buffer, at: number): boolean {
  return bytes.length >= at + WORD && bytes.compare(expected, at, at + WORD, at, at + WORD) !== 0;
}

/** The length of a gzip header; undefined if it has not arrived whole. */
function headerLength(bytes: Buffer): number | undefined {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC.subarray(0, bytes.length))) throw new Error("incorrect header check");
  const flags = bytes[FLAGS_AT] ?? 0;
  if (flags & FLAG.reserved) throw new Error("unknown header flags set");
  let length = FIXED_BYTES;
  if (flags & FLAG.extra) {
    if (bytes.length < length + 2) return undefined;
    length += 2 + bytes.readUInt16LE(length);
  }
  for (const text of [FLAG.name, FLAG.comment]) {
    if (!(flags & text)) continue;
    const end = bytes.indexOf(0, length);
    if (end === -1) return undefined;
    length = end + 1;
  }
  if (flags & FLAG.headerChecksum) length += 2;
  return bytes.length < length ? undefined : length;
}
