# Imported by Python itself where PYTHONPATH names this folder: moves the clock of a server under test, as shift-clock.mjs does.
import os
import time

now, shift = time.time, int(os.environ.get("CLOCK_SHIFT_MS", "0")) / 1000
time.time = lambda: now() + shift
