"""The log: one line for each request, and for each reply that failed or was not stored."""
import time
from contextlib import suppress


def log(*parts, file=None):
    """Prints a line. It must never hold a secret, a signature, or anything else that the caller wrote."""
    line = "  ".join(filter(None, [time.strftime("%H:%M:%S", time.gmtime()), *parts]))
    with suppress(OSError):  # the server outlives the reader of its log
        print(line + "\n", end="", file=file, flush=True)  # in one piece: threads do not wait for one another
