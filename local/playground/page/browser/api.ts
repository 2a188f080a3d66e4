import { change } from "./model.ts";

/** Calls the playground's server. Rejects with an `Error` whose message is a sentence for the person. */
export async function call<T>(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/playground${path}`, {
      method,
      ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
    });
  } catch {
    throw new Error("The playground does not answer. Is it still running in your terminal?");
  }
  const text = await response.text();
  if (response.ok) return (text ? JSON.parse(text) : undefined) as T;
  throw new Error(errorIn(text) ?? `The playground answered ${response.status}.`);
}

function errorIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    return typeof error === "string" ? error : undefined;
  } catch {
    return undefined;
  }
}

/** A failure becomes a notice. Resolves with whether it went well. */
export async function attempt(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    change({ notice: error instanceof Error ? error.message : String(error) });
    return false;
  }
}
