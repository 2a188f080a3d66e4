// Preloaded with NODE_OPTIONS=--import. Sets the clock of a server under test to the time of the recorded requests.
const { now } = Date;
const shift = Number(process.env.CLOCK_SHIFT_MS ?? 0);
Date.now = () => now() + shift;
