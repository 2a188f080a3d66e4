import { expect, test } from "vitest";
import { hmacMatches, importHmacKey } from "../../shared/request/hmac.ts";

const hex = (digits: string) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** RFC 4231, sections 4.2 to 4.8, for HMAC-SHA-256. Section 4.6 is left out: it truncates the result to 128 bits. */
const RFC_4231 = [
  ["4.2", hex("0b".repeat(20)), ascii("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
  [
    "4.3",
    ascii("Jefe"),
    ascii("what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  ["4.4", hex("aa".repeat(20)), hex("dd".repeat(50)), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"],
  [
    "4.5",
    hex("0102030405060708090a0b0c0d0e0f10111213141516171819"),
    hex("cd".repeat(50)),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  ],
  [
    "4.7",
    hex("aa".repeat(131)),
    ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
  [
    "4.8",
    hex("aa".repeat(131)),
    ascii(
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
    ),
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  ],
] as const;

export function hmacPromises(): void {
  test.each(RFC_4231)("RFC 4231, section %s", async (_, secret, message, mac) => {
    const key = await importHmacKey(secret);
    expect(await hmacMatches(key, hex(mac), message)).toBe(true);
    expect(await hmacMatches(key, hex(mac).with(31, 0) as Uint8Array<ArrayBuffer>, message)).toBe(false);
    expect(await hmacMatches(key, hex(mac).slice(0, 16), message)).toBe(false);
  });

  test("a key that was imported can never be read again, nor sign", async () => {
    const { extractable, usages } = await importHmacKey(ascii("secret"));
    expect([extractable, usages]).toEqual([false, ["verify"]]);
  });
}
