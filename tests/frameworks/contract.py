"""The contract without a web framework: what the webhooks in Flask and in FastAPI share."""

import hashlib
import hmac
import json
import os
import re
import time

SECRET = os.environ["WEBHOOK_SECRET"].encode()
LIMIT = 1_048_576
TOLERANCE_SECONDS = 300
NIL_ID = "00000000-0000-0000-0000-000000000000"


class Refused(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status = status
        self.code = code


def payload_of(body, content_type, signatures, timestamps):
    """The verified payload. Raises Refused."""
    if content_type.split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "content_type_unsupported")
    if len(body) > LIMIT:
        raise Refused(413, "body_too_large")
    verify(body, signatures, timestamps)
    try:
        payload = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(400, "body_not_json") from None
    if not isinstance(payload, dict) or not isinstance(payload.get("message"), dict):
        raise Refused(422, "payload_invalid")
    if payload.get("event") != "message_received":
        raise Refused(422, "event_unsupported")
    if not isinstance(payload["message"].get("content"), str):
        raise Refused(422, "payload_invalid")
    return payload


def verify(body, signatures, timestamps):
    if not any(signatures):
        raise Refused(401, "signature_missing")
    if not any(timestamps):
        raise Refused(401, "timestamp_missing")
    if len(signatures) > 1 or not re.fullmatch("sha256=[0-9a-fA-F]{64}", signatures[0]):
        raise Refused(401, "signature_malformed")
    if len(timestamps) > 1 or not re.fullmatch("[0-9]{1,12}", timestamps[0]):
        raise Refused(401, "timestamp_malformed")
    if abs(int(time.time()) - int(timestamps[0])) > TOLERANCE_SECONDS:
        raise Refused(401, "timestamp_outside_tolerance")
    expected = bytes.fromhex(signatures[0][len("sha256="):])
    for form in forms(body):
        digest = hmac.new(SECRET, timestamps[0].encode() + b"." + form, hashlib.sha256).digest()
        if hmac.compare_digest(digest, expected):
            return
    raise Refused(401, "signature_mismatch")


def forms(body):
    """The bytes that the sender may have signed."""
    yield body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return
    yield escaped(text)
    yield escaped(re.sub(r'("(?:\\.|[^"\\])*")|[ \t\r\n]+', lambda found: found[1] or "", text, flags=re.S))


def escaped(text):
    """Every UTF-16 unit outside 0x20..0x7e as \\uXXXX."""
    return re.sub("[^ -~]", lambda found: escapes(found[0]), text).encode("ascii")


def escapes(char):
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def reply_to(payload):
    content = "You said: " + payload["message"]["content"]
    # The main app can store neither U+0000 nor half of a surrogate pair.
    return content.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def events(reply):
    """The stream's events, each a string of ASCII."""
    for start in range(0, len(reply), 100):
        yield event("delta", {"text": reply[start:start + 100]})
    yield event("done", {"status": "completed"})


def event(name, data):
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
