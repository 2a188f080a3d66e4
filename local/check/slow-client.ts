import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { placeOf } from "../http/connection.ts";
import { connectTls } from "../http/tls.ts";

/** A byte this often: a server that waits for silence to end sees none. */
const TRICKLE_MS = 100;

/** A client that stays connected and takes its time. */
export class SlowClient {
  readonly #socket: Socket;
  #unsent: Buffer = Buffer.alloc(0);
  #trickle: NodeJS.Timeout | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
  }

  /** Connects to the host and port of `url`; undefined if that fails. */
  static async open(url: URL, timeoutMs: number): Promise<SlowClient | undefined> {
    const { secure, host, port } = placeOf(url);
    const socket = secure ? connectTls(host, port) : connect({ host, port });
    const client = new SlowClient(socket);
    try {
      await once(socket, secure ? "secureConnect" : "connect", { signal: AbortSignal.timeout(timeoutMs) });
      return client;
    } catch {
      client.close();
      return undefined;
    }
  }

  /** Sends the first `count` bytes at once, and the others one by one. Resolves when the first are sent. */
  async sendSlowly(bytes: Buffer, count: number): Promise<void> {
    this.#unsent = bytes.subarray(count);
    await this.#write(bytes.subarray(0, count));
    this.#trickle = setInterval(() => {
      void this.#write(this.#unsent.subarray(0, 1));
      this.#unsent = this.#unsent.subarray(1);
    }, TRICKLE_MS);
  }

  /** Sends everything, and reads nothing of the answer. Resolves when the answer begins, or after `timeoutMs`. */
  async sendWithoutReading(bytes: Buffer, timeoutMs: number): Promise<void> {
    // In paused mode, the socket reads up to its high-water mark, and leaves the rest to the connection.
    const answered = once(this.#socket, "readable").catch(() => {});
    await Promise.race([this.#write(bytes).then(() => answered), sleep(timeoutMs, undefined, { ref: false })]);
  }

  /** Sends the rest, and waits until the answer begins, or `timeoutMs`: a request that breaks off is another check. */
  async finish(timeoutMs: number): Promise<void> {
    clearInterval(this.#trickle);
    const gone = once(this.#socket, "close").catch(() => {});
    const answered = once(this.#socket, "data").catch(() => {});
    void this.#write(this.#unsent);
    if (!this.#socket.destroyed) await Promise.race([answered, gone, sleep(timeoutMs, undefined, { ref: false })]);
    this.close();
  }

  close(): void {
    clearInterval(this.#trickle);
    this.#socket.destroy();
  }

  /** Resolves also if the server has closed the connection. */
  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }
}
