import { bypassDefects } from "./bypass-defects.ts";
import { contractDefects } from "./contract-defects.ts";
import type { Defect } from "./defect.ts";
import { hostileDefects } from "./hostile-defects.ts";
import { loadDefects } from "./load-defects.ts";
import { signatureDefects } from "./signature-defects.ts";
import { signaturePartDefects } from "./signature-part-defects.ts";
import { signedTextDefects } from "./signed-text-defects.ts";
import { streamDefects } from "./stream-defects.ts";
import { textDefects } from "./text-defects.ts";
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
];
