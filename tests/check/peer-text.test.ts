import { describe, expect, test } from "vitest";
import { PeerText } from "../../local/peer-text.ts";

const SECRET = "whsec_0123456789";
const peer = new PeerText({ secret: SECRET });

describe("a quote", () => {
  test("is cut after the secret is masked, at every position of the secret", () => {
    for (let before = 0; before < 320; before++) {
      const quoted = peer.quote(`${"x".repeat(before)}${SECRET}${"y".repeat(400)}`);
      expect(quoted).not.toContain(SECRET.slice(0, 4));
      expect(quoted).toMatch(/^x*(?:\$|\$SECRET|\$S\w*)?y*… \(\d+ characters\)$/);
    }
  });

  test("contains no part of the secret, even if the text repeats it", () => {
    expect(peer.quote(SECRET.repeat(10_000))).toBe(`${"$SECRET".repeat(43).slice(0, 300)}… (160000 characters)`);
    expect(peer.quote(`${SECRET.repeat(4096)}`.slice(0, 65_535))).not.toContain("whsec");
  });

  test("is on one line, and gives the length of the whole text", () => {
    expect(peer.quote("a\r\nb\x1b[31m\u202e")).toBe("a\\r\\nb\\u001b[31m\\u202e");
    expect(peer.quote("😀".repeat(200))).toMatch(/^(?:😀){150}… \(400 characters\)$/u);
  });
});

describe("masking hides", () => {
  test.each([
    ["the secret with white space and quotes around it", ` "${SECRET}"\n`, SECRET],
    ["a short secret", "pass", "pass"],
    ["the password of a URL", undefined, "p4ss word"],
  ])("%s", (_, secret, said) => {
    const text = new PeerText({ secret, urls: [undefined, new URL("http://user:p4ss%20word@localhost/")] });
    expect(text.quote(`<${said}>`)).toMatch(/^<(?:\$SECRET|\*\*\*)>$/);
  });

  test("a password with a percent sign that encodes nothing", () => {
    const text = new PeerText({ urls: [new URL("http://user:p4%ss@localhost/")] });
    expect(text.quote("<p4%ss>")).toBe("<***>");
  });

  test("nothing, if the secret is so short that any text may contain it", () => {
    expect(new PeerText({ secret: "abc" }).quote("abc")).toBe("abc");
    expect(new PeerText({}).quote("abc")).toBe("abc");
  });

  test("no word of our own that is equal to a short secret", () => {
    expect(new PeerText({ secret: "secret" }).line("the secret is wrong")).toBe("the secret is wrong");
    expect(peer.line(`a body with ${SECRET}`)).toBe("a body with $SECRET");
  });

  test("the user of a URL, and the secret in its query", () => {
    expect(peer.url(new URL(`https://me:pw@example.com/?key=${SECRET}`))).toBe("https://***@example.com/?key=$SECRET");
  });
});

test("each line of a reply is indented, and its tabs stay", () => {
  expect(peer.block("one\n\ttwo\rthree\nPASS")).toBe("  one\n  \ttwo\\rthree\n  PASS");
});
