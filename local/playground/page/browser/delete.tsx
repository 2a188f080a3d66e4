import { useState } from "hono/jsx/dom";
import { Icon } from "./icons.tsx";

interface DeleteProps {
  label: string;
  question: string;
  /** Only the sign, until somebody presses it. */
  icon?: boolean;
  onDelete: () => unknown;
}

/** Deletes at the second press. It asks in its own place, and forgets the first press when the focus leaves it. */
export function DeleteButton({ label, question, icon = false, onDelete }: DeleteProps) {
  const [asked, setAsked] = useState(false);
  return (
    <button
      type="button"
      class={asked ? "small danger" : icon ? "icon-button" : "small"}
      aria-label={asked ? question : label}
      title={asked ? "" : label}
      onBlur={() => setAsked(false)}
      onClick={() => (asked ? onDelete() : setAsked(true))}
    >
      {asked ? question : icon ? <Icon name="bin" /> : label}
    </button>
  );
}
