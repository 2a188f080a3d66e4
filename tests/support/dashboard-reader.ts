/**
 * Reads a stream as the main app and its dashboard do: each piece is decoded alone, the last incomplete line is kept,
 * and the type and data of a half-read event are forgotten between pieces. What they lose is lost here too.
 */
export function readAsDashboard(pieces: Iterable<Uint8Array>): { text: string; done: Record<string, unknown> | undefined } {
  let text = "";
  let rest = "";
  for (const piece of pieces) {
    let type = "";
    let data = "";
    const lines = (rest + new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(piece)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("event:")) type = line.slice(6).trim();
      else if (line.startsWith("data:")) data = line.slice(5).trim();
      else if (line === "") {
        if (type === "delta" && data) text += JSON.parse(data).text;
        if (type === "done" && data) return { text, done: JSON.parse(data) };
        type = "";
        data = "";
      }
    }
  }
  return { text, done: undefined };
}
