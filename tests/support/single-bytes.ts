import { once } from "node:events";
import { connect } from "node:net";

const PER_WRITE = 10_000;

/**
 * Posts `count` HTTP chunks of one byte each, without a signature, on a new connection, until the server answers or closes
 * it. Returns the answer as it came, head and body.
 */
export async function postSingleBytes(port: number, count: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => (answer += data));
  // The server may close the connection.
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  socket.write(head);
  const chunks = Buffer.from("1\r\n \r\n".repeat(PER_WRITE));
  for (let sent = 0; sent < count && !socket.destroyed && answer === ""; sent += PER_WRITE) {
    if (!socket.write(chunks)) await Promise.race([once(socket, "drain").catch(() => {}), closed]);
  }
  if (!socket.destroyed && answer === "") socket.write("0\r\n\r\n");
  await Promise.race([closed, new Promise<void>((resolve) => socket.once("end", resolve))]);
  socket.destroy();
  return answer;
}
