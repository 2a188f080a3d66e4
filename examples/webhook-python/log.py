"""The log: one line for each request, and for each reply that failed or was not stored."""
import time
from contextlib import suppress


def log(*parts, file=None):
    """Prints a line. It must never hold a secret, a signature, or anything else that the caller wrote."""
    with suppress(OSError):  # the server outlives the reader of its log
        print(time.strftime("%H:%M:%S", time.gmtime()), *filter(None, parts), sep="  ", file=file, flush=True)
