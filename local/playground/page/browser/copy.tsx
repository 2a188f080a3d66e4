import { useState } from "hono/jsx/dom";

/** Copies a text, and says so for a moment. `text` is asked for when the button is pressed. */
export function Copy({ label, text }: { label: string; text: () => string | Promise<string> }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text());
      setSaid("Copied");
    } catch {
      setSaid("The browser did not allow it");
    }
    setTimeout(() => setSaid(""), 2000);
  };
  return (
    <button type="button" class="small" onClick={copy}>
      <span aria-live="polite">{said || label}</span>
    </button>
  );
}
