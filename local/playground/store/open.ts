import { randomUUID } from "node:crypto";
import { chmodSync, closeSync, existsSync, openSync, renameSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { UsageError } from "../../usage-error.ts";
import { Database } from "./database.ts";
import { SCHEMA } from "./schema.ts";
import { Store } from "./store.ts";

/** SQLite's result codes. */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** "rply", in the header of the file: no other program's database has it. */
const APPLICATION_ID = 0x72_70_6c_79;
const VERSION = 1;
const IN_MEMORY = ":memory:";
const ONLY_ITS_USER = 0o600;
/** Journals that SQLite keeps beside the file. They belong to it. */
const BESIDE = ["", "-journal", "-wal", "-shm"];

interface OpenedStore {
  readonly store: Store;
  /** A sentence about a damaged file that was moved aside. */
  readonly notice?: string;
}

/**
 * Opens the data file, or makes it; ":memory:" keeps everything in memory. The file stays locked until the store is closed.
 * A damaged file is moved aside. Throws a {@link UsageError} if another playground has the file open, or if it is not ours;
 * what to do then depends on who asks.
 */
export function openStore(file: string, newId: () => string = randomUUID): OpenedStore {
  try {
    return { store: new Store(new Database(open(file)), newId) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = moveAside(file);
    const notice = `${file} is damaged. It was moved to ${aside}, and the playground starts with an empty file.`;
    return { store: new Store(new Database(open(file)), newId), notice };
  }
}

function open(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    makePrivate(file);
    db = new DatabaseSync(file);
    // The lock is taken with the first transaction, and kept until the database is closed.
    db.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    prepare(db, file);
    db.exec("COMMIT");
    if (file !== IN_MEMORY) chmodSync(file, ONLY_ITS_USER);
    return db;
  } catch (error) {
    db?.close();
    throw explained(error, file);
  }
}

/** SQLite would make a file that others can read, and the secrets are in it. Whether it can be made, SQLite says. */
function makePrivate(file: string): void {
  if (file === IN_MEMORY || existsSync(file)) return;
  try {
    closeSync(openSync(file, "a", ONLY_ITS_USER));
  } catch {}
}

function prepare(db: DatabaseSync, file: string): void {
  const [damage] = db.prepare("PRAGMA quick_check(1)").all();
  if (damage?.quick_check !== "ok") throw Object.assign(new Error("damaged"), { errcode: CORRUPT });
  const isEmpty = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count === 0;
  if (isEmpty) {
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}; ${SCHEMA}`);
    return;
  }
  const isOurs = db.prepare("PRAGMA application_id").get()?.application_id === APPLICATION_ID;
  const version = db.prepare("PRAGMA user_version").get()?.user_version;
  if (!isOurs) throw new UsageError(`${file} is another program's database.`);
  if (version !== VERSION) throw new UsageError(`${file} is from another version of the playground.`);
}

const codeOf = (error: unknown) => (error as { errcode?: number }).errcode ?? 0;

/** The low byte is the result code; the others have details. */
function isDamage(error: unknown): boolean {
  return [CORRUPT, NOT_A_DATABASE].includes(codeOf(error) & 0xff);
}

function explained(error: unknown, file: string): unknown {
  if (error instanceof UsageError || codeOf(error) === 0 || isDamage(error)) return error;
  if ((codeOf(error) & 0xff) === BUSY) return new UsageError(`Another playground has ${file} open.`);
  return new UsageError(`${file} cannot be opened (${(error as Error).message}).`);
}

function moveAside(file: string): string {
  let aside = "";
  for (let number = 1; aside === "" || existsSync(aside); number++) aside = `${file}.damaged-${number}`;
  for (const end of BESIDE) if (existsSync(file + end)) renameSync(file + end, aside + end);
  return aside;
}
