# Python imports this file if PYTHONPATH names this folder. It sets the clock of a server under test, like shift-clock.mjs.
import os
import time

now, shift = time.time, int(os.environ.get("CLOCK_SHIFT_MS", "0")) / 1000
time.time = lambda: now() + shift
