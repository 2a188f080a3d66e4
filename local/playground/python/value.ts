/** A value as the main app's Python holds it: `bigint` for int, `number` for float, and a Map for a dict, which keeps its order. */
export type PythonValue = null | boolean | string | bigint | number | PythonValue[] | PythonDict;
export type PythonDict = Map<string, PythonValue>;

/** A dict from literals. */
export const dict = (members: Record<string, PythonValue>): PythonDict => new Map(Object.entries(members));
