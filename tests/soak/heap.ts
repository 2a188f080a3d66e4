/**
 * The JavaScript heap of a process after a garbage collection, in MB, by its inspector on this port. The memory that the system
 * shows also has garbage, and what the allocator has not given back: it says little of a leak.
 */
export async function heapMb(inspectorPort: number): Promise<number> {
  const [{ webSocketDebuggerUrl }] = await (await fetch(`http://127.0.0.1:${inspectorPort}/json`)).json();
  // The inspector of wrangler wants an Origin, which the types of a browser's WebSocket cannot set.
  const socket = new WebSocket(webSocketDebuggerUrl, { headers: { origin: "http://localhost" } } as unknown as string[]);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  socket.onerror = () => reject(new Error(`no inspector on port ${inspectorPort}`));
  socket.onclose = () => reject(new Error(`the inspector on port ${inspectorPort} hung up`));
  socket.onopen = () => {
    for (const [index, method] of METHODS.entries()) socket.send(JSON.stringify({ id: index + 1, method }));
  };
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    if (id === METHODS.length) resolve((result.usedSize + result.backingStorageSize) / 2 ** 20);
  };
  try {
    return await promise;
  } finally {
    socket.close();
  }
}

const METHODS = ["HeapProfiler.enable", "HeapProfiler.collectGarbage", "Runtime.getHeapUsage"];
