import { type PropsWithChildren, useLayoutEffect, useRef, useState } from "hono/jsx/dom";
import { Icon, type IconName } from "./icons.tsx";

/** A button that opens a menu: arrow keys move, Esc and a click beside it close. Each choice closes it too. */
export function Menu({ label, about, icon, children }: PropsWithChildren<{ label: string; about: string; icon: IconName }>) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const items = () => [...(root.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  const close = (focus: boolean) => {
    setOpen(false);
    if (focus) root.current?.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
  };

  useLayoutEffect(() => {
    if (!open) return;
    (items().find((item) => item.getAttribute("aria-checked") === "true") ?? items()[0])?.focus();
    const outside = ({ target }: Event) => root.current?.contains(target as Node) || close(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);

  const onKey = (event: KeyboardEvent) => {
    if (!open) return;
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) all.at(to % all.length)?.focus();
    else if (event.key === "Escape") close(true);
    else if (event.key === "Tab") return close(false);
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the menu inside
    <div class="menu" ref={root} onKeyDown={onKey}>
      <button
        type="button"
        class="quiet"
        aria-haspopup="menu"
        aria-expanded={open ? "true" : "false"}
        aria-label={label}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} />
        <span>{label}</span>
      </button>
      {open && (
        <div class="popup">
          <p class="faint">{about}</p>
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: a click on an item is what its Enter key gives too */}
          <div role="menu" aria-label={label} tabindex={-1} onClick={() => close(false)}>
            {children}
          </div>
        </div>
      )}
    </div>
  );
}
