import { isIP, type Socket } from "node:net";
import { connect } from "node:tls";
import type { Failure } from "./exchange.ts";

/** The end of a sentence: a server that speaks TLS was asked without. */
export const SPEAKS_TLS = "a TLS server listens there; begin the URL with https://";

const PLAIN = "the server there does not speak TLS; begin the URL with http://";
const SELF_SIGNED =
  "its certificate is self-signed, so the main app refuses it; get one from a public authority, or for a test set NODE_EXTRA_CA_CERTS to the certificate's file";
const UNVERIFIED = "its certificate cannot be verified; let the server send the whole chain of a public authority";
const ELSEWHERE = "its certificate is for another host; use a name that the certificate has";

const MESSAGES: Record<string, string> = {
  ERR_SSL_WRONG_VERSION_NUMBER: PLAIN,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: PLAIN,
  ERR_SSL_HTTP_REQUEST: PLAIN,
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  SELF_SIGNED_CERT_IN_CHAIN: SELF_SIGNED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNVERIFIED,
  UNABLE_TO_GET_ISSUER_CERT: UNVERIFIED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNVERIFIED,
  CERT_HAS_EXPIRED: "its certificate has expired, so the main app refuses it; renew it",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; set this computer's clock, or wait",
  ECONNRESET:
    "the connection was closed before TLS was agreed on; if the server has no certificate, begin the URL with http://",
};

/** An error of a TLS socket before it was connected. */
export interface TlsError extends NodeJS.ErrnoException {
  /** Only if the certificate is for another host. */
  readonly cert?: { readonly subjectaltname?: string };
}

/** Connects with TLS. The `secureConnect` event says that it is connected. */
export function connectTls(host: string, port: number, rejectUnauthorized = true): Socket {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  return connect({ host, port, ALPNProtocols: ["http/1.1"], rejectUnauthorized, ...servername });
}

/** The failure if TLS is what failed; undefined if it is something else, such as a refused connection. */
export function tlsFailure({ code = "", cert }: TlsError): Failure | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return { kind: "tls", message: ELSEWHERE, peerText: cert?.subjectaltname };
  const message = MESSAGES[code];
  return message === undefined ? undefined : { kind: "tls", message };
}

/** Whether a TLS server listens there, with any certificate. Sends no request. */
export async function speaksTls(host: string, port: number, timeoutMs: number): Promise<boolean> {
  const socket = connectTls(host, port, false).setTimeout(timeoutMs);
  return new Promise((resolve) => {
    const end = (speaks: boolean) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.once("secureConnect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
