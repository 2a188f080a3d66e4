import { contractDefects } from "./contract-defects.ts";
import type { Defect } from "./defect.ts";
import { hostileDefects } from "./hostile-defects.ts";
import { loadDefects } from "./load-defects.ts";
import { signatureDefects } from "./signature-defects.ts";
import { streamDefects } from "./stream-defects.ts";
import { textDefects } from "./text-defects.ts";

/** Every broken webhook. */
export const defects: readonly Defect[] = [
  ...contractDefects,
  ...textDefects,
  ...signatureDefects,
  ...hostileDefects,
  ...streamDefects,
  ...loadDefects,
];
