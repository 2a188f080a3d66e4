import { changedBitsPromise } from "../core/changed-bits.ts";

changedBitsPromise(1);
