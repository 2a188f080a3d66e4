import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../local/playground/store/open.ts";
import { StaleThread } from "../../local/playground/store/store.ts";
import { UsageError } from "../../local/usage-error.ts";
import { HOOK } from "./main-app.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "playground-"));
  file = join(folder, "data.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file with an App, a thread, and a message. */
function filled() {
  const { store } = openStore(file);
  const app = store.createApp({ ...HOOK, secret: " clé\n", webhookUrl: "http://localhost:8081/stream" });
  const { thread } = store.createThread(app.id, { customerId: "c", title: null });
  const message = store.addMessage(thread.id, { role: "user", content: "café 😀" });
  return { store, app, thread, message };
}

describe("the data file", () => {
  test("has everything after a restart", () => {
    const { store, app, thread, message } = filled();
    store.close();
    const { store: again, notice } = openStore(file);
    expect(notice).toBeUndefined();
    expect(again.apps()).toEqual([app]);
    expect(again.lastUserMessage(thread.id)).toEqual(message);
    expect(again.addMessage(thread.id, { role: "assistant", content: null }).seq).toBe(3);
    again.close();
  });

  test("is moved aside and named if it is damaged, and never deleted", () => {
    for (const number of [1, 2]) {
      writeFileSync(file, `no database ${number}`.repeat(1000));
      const { store, notice } = openStore(file);
      expect(store.apps()).toEqual([]);
      store.close();
      const aside = `${file}.damaged-${number}`;
      expect(notice).toContain(aside);
      expect(readFileSync(aside, "utf8")).toContain(`no database ${number}`);
    }
    expect(readdirSync(folder).sort()).toEqual(["data.db", "data.db.damaged-1", "data.db.damaged-2"]);
  });

  test("is found to be damaged inside, too", () => {
    filled().store.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0xff, 4096));
    const { store, notice } = openStore(file);
    expect(notice).toContain("is damaged");
    store.close();
  });

  test("of another program is left alone", () => {
    const other = new DatabaseSync(file);
    other.exec("CREATE TABLE accounts (id)");
    other.close();
    expect(() => openStore(file)).toThrow(UsageError);
    expect(() => openStore(file)).toThrow("another program's database");
  });

  test.each(["/", join("missing", "data.db")])("%s cannot be opened, and the error says so", (path) => {
    expect(() => openStore(join(folder, path))).toThrow(/cannot be opened \(/);
  });

  test("is open in another playground: the second one says so, also if that is another process", async () => {
    const { store } = filled();
    expect(() => openStore(file)).toThrow(`Another playground has ${file} open`);
    store.close();

    const script = `const { openStore } = await import("./local/playground/store/open.ts");
      openStore(process.argv[1]); console.log("open"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(() => openStore(file)).toThrow(`Another playground has ${file} open`);
    child.kill("SIGKILL");
    await once(child, "exit");
    openStore(file).store.close();
  });
});

describe("the store", () => {
  test("takes its ids from where it is told to", () => {
    const ids = ["app", "subscriber", "thread", "greeting"];
    const { store } = openStore(":memory:", () => ids.shift() ?? "unused");
    const app = store.createApp(HOOK);
    const { thread, greeting } = store.createThread(app.id, { customerId: "c" });
    expect([app.id, thread.id, thread.subscriberId, greeting.id]).toEqual(["app", "thread", "subscriber", "greeting"]);
  });

  test("gives no seq away for a message that it cannot store, or that comes too late", () => {
    const { store } = openStore(":memory:");
    const { thread } = store.createThread(store.createApp(HOOK).id);
    const add = (content: string, expectedSeq?: number) =>
      store.addMessage(thread.id, { role: "assistant", content }, expectedSeq);
    expect(() => add("\0")).toThrow("not stored");
    expect(add("a", 2).seq).toBe(2);
    expect(() => add("late", 2)).toThrow(StaleThread);
    expect(add("b").seq).toBe(3);
    expect(store.messages(thread.id).map(({ content }) => content)).toEqual([
      "Hello there! How can I help you today?",
      "a",
      "b",
    ]);
  });

  test("deletes an App or a thread with what belongs to it, and nothing else", () => {
    const { store } = openStore(":memory:");
    const [one, other] = [store.createApp(HOOK), store.createApp(HOOK)];
    const [first, second, kept] = [one, one, other].map(({ id }) => store.createThread(id, { customerId: "c" }).thread);
    store.deleteThread(first?.id ?? "");
    expect([store.messages(first?.id ?? ""), store.threads(one.id, { limit: 9 })]).toEqual([[], [second]]);
    store.deleteApp(one.id);
    expect([store.app(one.id), store.threads(one.id, { limit: 9 }), store.subscribers(one.id, { limit: 9 })]).toEqual([
      undefined,
      [],
      [],
    ]);
    expect(store.messages(second?.id ?? "")).toEqual([]);
    expect([store.apps(), store.threads(other.id, { limit: 9 })]).toEqual([[other], [kept]]);
    expect([store.messages(kept?.id ?? "").length, store.subscribers(other.id, { limit: 9 }).length]).toEqual([1, 1]);
  });

  test("changes an App", () => {
    const { store } = openStore(":memory:");
    const { id } = store.createApp(HOOK);
    expect(store.updateApp(id, { secret: null, timeoutMs: 100 })).toEqual({ ...HOOK, id, secret: null, timeoutMs: 100 });
    expect(store.updateApp("unknown", {})).toBeUndefined();
  });
});
