import type { DatabaseSync, SQLInputValue } from "node:sqlite";

/** Statements and transactions of an open SQLite file. The caller names the type of a row. */
export class Database {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    // SQLite's own lower() knows only ASCII.
    db.function("folded", { deterministic: true }, (text) => String(text ?? "").toLowerCase());
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#db.prepare(sql).run(...values);
  }

  get<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#db.prepare(sql).get(...values) as T | undefined;
  }

  all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#db.prepare(sql).all(...values) as T[];
  }

  /** Does all of `work`, or nothing of it if it throws. */
  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN");
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}
