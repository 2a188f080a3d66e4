import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";
import { placeOf } from "../http/connection.ts";

/** The addresses of this computer that need no network. A connection to "any address" goes to loopback. */
const LOOPBACK_OR_ANY = new BlockList();
LOOPBACK_OR_ANY.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK_OR_ANY.addAddress("0.0.0.0", "ipv4");
LOOPBACK_OR_ANY.addAddress("::1", "ipv6");
LOOPBACK_OR_ANY.addAddress("::", "ipv6");

/** Whether `url` leads to `port` of this computer's loopback. A name that cannot be looked up does not. */
export async function isOwnAddress(url: URL, port: number): Promise<boolean> {
  const { host, port: asked } = placeOf(url);
  if (asked !== port) return false;
  const addresses = await lookup(host, { all: true }).catch(() => []);
  return addresses.some(({ address, family }) => LOOPBACK_OR_ANY.check(address, family === 6 ? "ipv6" : "ipv4"));
}
