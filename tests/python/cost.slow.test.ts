import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { sendTo } from "../support/http-target.ts";
import { unsigned } from "../support/signing.ts";
import { FOLDER, HELLO, PYTHON, start } from "./start.ts";

test("a wrong signature on 1 MiB costs a small multiple of its HMACs", async () => {
  const program = `
import hmac, json, timeit, time, server
def fastest(work): return min(timeit.repeat(work, number=1, repeat=15))
def refuse(body):
    try:
        server.verify([b"one", b"two"], "sha256=" + "0" * 64, str(int(time.time())), body)
    except server.Problem as problem:
        assert problem.code == "signature_mismatch"
def ratio(content, separators=(",", ":")):
    body = json.dumps(content, ensure_ascii=False, separators=separators).encode()
    hmacs = fastest(lambda: [hmac.digest(secret, b"1." + body, "sha256") for secret in (b"one", b"two")])
    return fastest(lambda: refuse(body)) / hmacs
print(json.dumps([ratio("x" * 2**20), ratio([{"a": 1}] * 2**17), ratio("a word " * 2**17),
                  ratio("\\u6f22" * (2**20 // 3)), ratio([{"a": 1}] * 2**17, (", ", ": "))]))`;
  const { stdout } = await promisify(execFile)(PYTHON, ["-Bc", program], { cwd: FOLDER });
  const [long = 0, short = 0, words = 0, multiByte = 0, spaced = 0]: number[] = JSON.parse(stdout);
  console.log(`1 MiB, two secrets, times their HMACs: ${JSON.stringify({ long, short, words, multiByte, spaced })}`);
  for (const ascii of [long, short]) expect(ascii).toBeLessThan(3.5);
  expect(words).toBeLessThan(8);
  for (const rewritten of [multiByte, spaced]) expect(rewritten).toBeLessThan(50);
});

test("takes linear time for hostile headers and bodies", async () => {
  const { port } = await start();
  const body = (content: string) => HELLO.replace("hello", content);
  for (const request of [
    unsigned(HELLO, { headers: { Accept: `${";".repeat(40_000)}application/json;q=0.${"0".repeat(20_000)}x` } }),
    unsigned(HELLO, { headers: { "Content-Type": `application/json${" ".repeat(60_000)}x` } }),
    unsigned(body(`\\ud83d${"\\\\".repeat(500_000)}`)),
    unsigned(body("\\ud83d".repeat(170_000))),
    unsigned(`{"n":${"9".repeat(1_000_000)}}`),
    unsigned(`{"history_tail":[${"{},".repeat(300_000)}5]}`),
  ]) {
    const before = performance.now();
    expect((await sendTo(port, request)).status).toBeOneOf([200, 415, 422]);
    expect(performance.now() - before).toBeLessThan(3000);
  }
});
