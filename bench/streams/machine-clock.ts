/** Milliseconds on the clock that all processes of this machine share, exact to the microsecond. */
export function machineClock(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

const TICKS = 20;

/**
 * Starts a clock of the time since the Unix epoch in milliseconds, as exact as the machine's own: waits for ticks of
 * `Date.now` to learn how far the two are apart.
 */
export function startWallClock(): () => number {
  let offset = Number.NEGATIVE_INFINITY;
  for (let ticks = 0; ticks < TICKS; ticks++) {
    const before = Date.now();
    let tick = before;
    while (tick === before) tick = Date.now();
    // On a busy machine a tick is seen late, never early.
    offset = Math.max(offset, tick - machineClock());
  }
  return () => machineClock() + offset;
}
