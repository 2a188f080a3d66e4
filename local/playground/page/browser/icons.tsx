const PATHS = {
  plus: "M8 3v10M3 8h10",
  gear: "M3 4.5h6M12.5 4.5h.5M3 11.5h.5M7 11.5h6M9 4.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0M3.5 11.5a1.75 1.75 0 1 0 3.5 0a1.75 1.75 0 1 0-3.5 0",
  pass: "M2.5 8h10M9 4.5L12.5 8L9 11.5",
  send: "M8 13V3.5M4 7.5l4-4l4 4",
  stop: "M5 5h6v6H5z",
  open: "M6 4l4 4l-4 4",
  bin: "M3 4.5h10M6.5 4.5v-1.5h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5",
  close: "M4 4l8 8M12 4l-8 8",
  down: "M8 3v9.5M4 8.5l4 4l4-4",
  stored: "M3.5 8.5l3 3l6-7",
  forgotten: "M8 4v5M8 11.8v.2",
  failed: "M5 5l6 6M11 5l-6 6",
  crack: "M9 2L5 8h5l-3 6",
  checks: "M2.5 4.5l1.2 1.2l2-2.4M8.5 4.5h5M2.5 11l1.2 1.2l2-2.4M8.5 11.5h5",
  save: "M8 2.5v7.5M5 7l3 3l3-3M3 13h10",
  chats: "M3 4h10M3 8h10M3 12h6",
  chat: "M3 3.5h10v7H7l-3 2.5v-2.5H3z",
  inspector: "M10.5 10.5L14 14M11.5 7a4.5 4.5 0 1 1-9 0a4.5 4.5 0 1 1 9 0",
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration: what it stands for is said in words beside it, or in the label of its button. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A button without words. Its label is for a screen reader, its title for the pointer. */
export function IconButton(props: { icon: IconName; label: string; title?: string; onClick: () => void }) {
  const { icon, label, title, onClick } = props;
  return (
    <button type="button" class="icon-button" aria-label={label} title={title} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
