/** Milliseconds on the clock that all processes of this machine share, exact to the microsecond. */
export function machineClock(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/**
 * The time since the Unix epoch in milliseconds, read as exactly as the machine's own clock: waits for the next tick of
 * `Date.now` to learn how far the two are apart.
 */
export function exactWallClock(): () => number {
  const before = Date.now();
  let tick = before;
  while (tick === before) tick = Date.now();
  const offset = tick - machineClock();
  return () => machineClock() + offset;
}
