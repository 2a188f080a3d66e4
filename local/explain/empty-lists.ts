/** Of more empty lists, not every choice is tried. */
const MAX_CHOSEN = 4;
/** Of more, only all of them are. */
const MAX_LISTS = 16;

/** The JSON with `{}` in place of some of its `[]`: PHP makes lists of empty objects when it parses and writes JSON. */
export function* withEmptyObjects(json: string): Generator<string> {
  const places = emptyLists(json);
  if (places.length === 0) return;
  for (const chosen of choices(places))
    yield chosen.reduce((text, place) => `${text.slice(0, place)}{}${text.slice(place + 2)}`, json);
}

/** Where `[]` is, outside strings. */
function emptyLists(json: string): number[] {
  const places: number[] = [];
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    if (json[at] === '"') inString = !inString;
    if (json[at] === "\\") at++;
    else if (!inString && json.startsWith("[]", at)) places.push(at);
  }
  return places;
}

function choices(places: readonly number[]): (readonly number[])[] {
  if (places.length > MAX_LISTS) return [places];
  if (places.length > MAX_CHOSEN) return [places, ...places.map((place) => [place])];
  const bits = Array.from({ length: 2 ** places.length - 1 }, (_, i) => i + 1);
  return bits.map((bit) => places.filter((_, i) => bit & (1 << i)));
}
