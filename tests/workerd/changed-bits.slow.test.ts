import { changedBitsPromise } from "../core/changed-bits.ts";

changedBitsPromise(1, (value) => /^[ -~]*$/.test(value));
