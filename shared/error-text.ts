/** How far causes are followed. */
const MAX_DEPTH = 5;

/**
 * An error as text: its stack, and those of its causes and of the errors that an AggregateError joins. Reply logic may throw
 * any value, even one that cannot become a string.
 */
export function describeError(error: unknown): string {
  try {
    return described(error, 0);
  } catch {
    return "what was thrown cannot be shown";
  }
}

function described(error: unknown, depth: number): string {
  if (typeof error !== "object" || error === null) return String(error);
  // Not instanceof: an error may come from another realm.
  const { stack, cause, errors } = error as { stack?: unknown; cause?: unknown; errors?: unknown };
  if (typeof stack !== "string") return `a thrown object: ${JSON.stringify(error)}`;
  if (depth === MAX_DEPTH) return stack;
  const causes = [...(cause === undefined ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])];
  return [stack, ...causes.map((inner) => `Caused by: ${described(inner, depth + 1)}`)].join("\n");
}
