/** A page of a list that is sorted downwards: at most `limit` rows, after the row with the values in `after`. */
export interface Keyset {
  readonly limit: number;
  readonly after?: readonly (string | number)[] | undefined;
}

/** The ends of a SELECT for a page. `columns` sort the list. */
export function pageOf(columns: readonly string[], { limit, after }: Keyset) {
  return {
    where: after ? `AND (${columns.join(", ")}) < (${columns.map(() => "?").join(", ")})` : "",
    order: `ORDER BY ${columns.map((column) => `${column} DESC`).join(", ")} LIMIT ?`,
    values: [...(after ?? []), limit],
  };
}
