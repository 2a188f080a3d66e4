import { spawn } from "node:child_process";
import { once } from "node:events";
import { pathToFileURL } from "node:url";

interface Received {
  id?: number;
  method?: string;
  params?: { items?: unknown[] };
  result?: unknown;
}

/** TypeScript's language server, as an editor starts it: it says what hovering over a word shows. */
export async function startLanguageServer() {
  const server = spawn(process.execPath, ["node_modules/typescript/bin/tsc", "--lsp", "--stdio"]);
  const waiting = new Map<number, (result: unknown) => void>();
  let received = Buffer.alloc(0);
  let requests = 0;

  const send = (message: object) => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const request = (method: string, params?: object) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    waiting.set(++requests, resolve);
    send({ id: requests, method, params });
    return promise;
  };
  const handle = ({ id, method, params, result }: Received) => {
    if (id === undefined) return;
    if (method === undefined) waiting.get(id)?.(result);
    // The server asks for settings, and an editor may have none.
    else send({ id, result: params?.items?.map(() => null) ?? null });
  };
  server.stdout.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const start = received.indexOf("\r\n\r\n") + 4;
      const [, length] = /Content-Length: (\d+)/i.exec(received.subarray(0, start).toString()) ?? [];
      const end = start + Number(length);
      if (start < 4 || received.length < end) return;
      handle(JSON.parse(received.subarray(start, end).toString()));
      received = received.subarray(end);
    }
  });

  const uriOf = (file: string) => pathToFileURL(file).href;
  const capabilities = { textDocument: { hover: { contentFormat: ["markdown"] } } };
  await request("initialize", { processId: process.pid, rootUri: uriOf("."), capabilities });
  send({ method: "initialized", params: {} });

  return {
    /** Opens a file with this text, whatever it has on the disk. */
    open(file: string, text: string): void {
      send({
        method: "textDocument/didOpen",
        params: { textDocument: { uri: uriOf(file), languageId: "typescript", version: 1, text } },
      });
    },
    /** What an editor shows over a character, as Markdown. */
    async hover(file: string, position: { line: number; character: number }): Promise<string> {
      const shown = await request("textDocument/hover", { textDocument: { uri: uriOf(file) }, position });
      return (shown as { contents?: { value?: string } } | null)?.contents?.value ?? "";
    },
    async stop(): Promise<void> {
      await request("shutdown");
      send({ method: "exit" });
      await once(server, "close");
    },
  };
}
