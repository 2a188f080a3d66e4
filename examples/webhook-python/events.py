"""Server-sent events, in the narrow form that the main app and its dashboard read without loss."""
import json

HEARTBEAT = b": still here\n\n"


def event(name, data):
    return ("event: %s\ndata: %s\n\n" % (name, json.dumps(data, separators=(",", ":")))).encode()


def delta_events(text):
    """Events of at most 1 KiB, in ASCII: the reader decodes each piece alone and forgets an event that was cut."""
    start = 0
    while start < len(text):
        size = 960
        while len(json.dumps(text[start:start + size])) > 980:
            size //= 2
        yield event("delta", {"text": text[start:start + size]})
        start += size
