import { bypassDefects } from "./bypass-defects.ts";
import { changedTextDefects } from "./changed-text-defects.ts";
import { contractDefects } from "./contract-defects.ts";
import { cutStreamDefects } from "./cut-stream-defects.ts";
import type { Defect } from "./defect.ts";
import { hostileDefects } from "./hostile-defects.ts";
import { leakDefects } from "./leak-defects.ts";
import { lengthDefects } from "./length-defects.ts";
import { loadDefects } from "./load-defects.ts";
import { oddKeyDefects } from "./odd-key-defects.ts";
import { partnerDefects } from "./partner-defects.ts";
import { signatureDefects } from "./signature-defects.ts";
import { signaturePartDefects } from "./signature-part-defects.ts";
import { signedTextDefects } from "./signed-text-defects.ts";
import { slowClientDefects } from "./slow-client-defects.ts";
import { streamDefects } from "./stream-defects.ts";
import { streamRouteDefects } from "./stream-route-defects.ts";
import { textDefects } from "./text-defects.ts";
import { userTextDefects } from "./user-text-defects.ts";
import { valueDefects } from "./value-defects.ts";

/** Every broken webhook. */
export const defects: readonly Defect[] = [
  ...contractDefects,
  ...textDefects,
  ...signatureDefects,
  ...signaturePartDefects,
  ...signedTextDefects,
  ...bypassDefects,
  ...valueDefects,
  ...hostileDefects,
  ...streamDefects,
  ...loadDefects,
  ...changedTextDefects,
  ...cutStreamDefects,
  ...leakDefects,
  ...lengthDefects,
  ...oddKeyDefects,
  ...partnerDefects,
  ...slowClientDefects,
  ...streamRouteDefects,
  ...userTextDefects,
];
