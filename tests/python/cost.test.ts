import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { sendTo } from "../support/http-target.ts";
import { payload } from "../support/payload.ts";
import { unsigned } from "../support/signing.ts";
import { FOLDER, PYTHON, start } from "./start.ts";

test("a wrong signature on 1 MiB costs a small multiple of its HMACs", async () => {
  const program = `
import hmac, json, time, request
def fastest(work):
    times = []
    for _ in range(15):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)
def refuse(body):
    try:
        request.verify([b"one", b"two"], "sha256=" + "0" * 64, str(int(time.time())), body)
    except request.Problem as problem:
        assert problem.code == "signature_mismatch"
def ratio(content):
    body = json.dumps({"content": content}, ensure_ascii=False, separators=(",", ":")).encode()
    hmacs = fastest(lambda: [hmac.digest(secret, b"1." + body, "sha256") for secret in (b"one", b"two")])
    return fastest(lambda: refuse(body)) / hmacs
print(json.dumps([ratio("x" * 2**20), ratio("\\u6f22" * (2**20 // 3))]))`;
  const { stdout } = await promisify(execFile)(PYTHON, ["-Bc", program], { cwd: FOLDER });
  const [ascii, multiByte] = JSON.parse(stdout);
  console.log(`1 MiB, two secrets: ASCII ${ascii.toFixed(1)} times the HMACs, multi-byte ${multiByte.toFixed(1)} times`);
  expect(ascii).toBeLessThan(3.5);
  expect(multiByte).toBeLessThan(40);
});

test("takes linear time for hostile headers and bodies", async () => {
  const { port } = await start();
  const HELLO = JSON.stringify(payload("hello"));
  const body = (content: string) => HELLO.replace("hello", content);
  for (const request of [
    unsigned(HELLO, { headers: { Accept: `${";,".repeat(20_000)}application/json;q=0.${"0".repeat(20_000)}x` } }),
    unsigned(HELLO, { headers: { "Content-Type": `application/json${" ".repeat(60_000)}x` } }),
    unsigned(HELLO, { path: `http://${"h".repeat(60_000)}` }),
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
