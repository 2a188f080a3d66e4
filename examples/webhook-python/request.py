"""What a request must be: signed, JSON, and a payload. What is not is refused with a Problem."""
import hmac
import http.client
import json
import re
import time
from contextlib import suppress
from itertools import islice

PROBLEMS = {
    "body_not_utf8": (400, "The body is not valid UTF-8. Send JSON encoded as UTF-8."),
    "body_not_json": (400, "The body is not JSON. Send one JSON object without a byte order mark."),
    "signature_missing": (401, "X-Signature is missing. Sign with the webhook secret, or set the secret in the dashboard."),
    "timestamp_missing": (401, "X-Timestamp is missing. Send the Unix time in seconds that was signed."),
    "signature_malformed": (401, "X-Signature must be one value: sha256= and 64 hex digits."),
    "timestamp_malformed": (401, "X-Timestamp must be Unix seconds in 1 to 12 decimal digits, sent once."),
    "timestamp_outside_tolerance": (401, "X-Timestamp is more than 300 s from this server's clock. Check both clocks."),
    "signature_mismatch": (401, "The signature does not match. Is the webhook secret the same on both sides?"),
    "not_found": (404, "There is nothing here. POST to / or /stream."),
    "method_not_allowed": (405, "This path does not take this method. See the Allow header."),
    "body_too_slow": (408, "The body took more than 10 s to arrive. Send it in one go."),
    "length_required": (411, "Send Content-Length, once and in digits. This server does not read chunked bodies."),
    "body_too_large": (413, "The body is larger than 1 MiB (1,048,576 bytes)."),
    "content_type_unsupported": (415, "Send the header Content-Type: application/json."),
    "payload_invalid": (422, "The payload has missing or wrong fields. See errors."),
    "event_unsupported": (422, "The only event is message_received."),
    "reply_failed": (500, "The reply logic failed. Search the webhook's log for request_id."),
    "not_configured": (503, "This webhook has no secret yet. Set WEBHOOK_SECRET on the deployment, the same as in the dashboard."),
    "reply_timeout": (504, "The reply logic ran out of time. Raise REPLY_TIMEOUT_MS or answer sooner."),
}
TITLES = {**http.client.responses, 413: "Content Too Large", 422: "Unprocessable Content"}  # as newer Pythons have them


class Problem(Exception):
    """A refusal: RFC 9457 problem details with a stable code. Nothing in them repeats what the caller sent."""

    def __init__(self, code, **members):
        self.code, (self.status, detail) = code, PROBLEMS[code]
        # The main app shows its caller the first 200 bytes only: code and detail come first.
        self.details = {"code": code, "detail": detail, "status": self.status, "title": TITLES[self.status],
                        "type": "about:blank", **members}


def require(condition, code, **members):
    if not condition:
        raise Problem(code, **members)


# ---- Signature: "sha256=" + hex(HMAC-SHA256(secret, X-Timestamp + "." + body)), fail closed

def verify(secrets, signature, timestamp, body):
    """The form of the body that was signed, and the secret; "unsigned" where there are no secrets. Raises Problem."""
    if not secrets:
        return "unsigned", None
    require(signature, "signature_missing")
    require(timestamp, "timestamp_missing")
    require(re.fullmatch("sha256=[0-9a-fA-F]{64}", signature), "signature_malformed")
    require(re.fullmatch("[0-9]{1,12}", timestamp), "timestamp_malformed")
    require(abs(int(time.time()) - int(timestamp)) <= 300, "timestamp_outside_tolerance")
    for form, signed_body in sender_forms(body):
        for secret in secrets:
            expected = hmac.digest(secret, timestamp.encode() + b"." + signed_body, "sha256")
            if hmac.compare_digest(expected, bytes.fromhex(signature[7:])):
                return form, secret
    raise Problem("signature_mismatch")


def sender_forms(body):
    """The body as it came, then what real senders sign instead. The main app signs JSON with ASCII escapes and sends it
    as UTF-8; with an older HTTP client it also sends spaces that it did not sign. The JSON value is always the same."""
    yield "raw", body
    with suppress(UnicodeDecodeError):
        escaped = ascii_escaped(body)
        if escaped != body:
            yield "escaped", escaped
        compact = without_white_space(body)
        if compact != body:
            yield "compact", ascii_escaped(compact)


def ascii_escaped(body):
    if not body.translate(None, bytes(range(0x20, 0x7f))):  # nothing but printable ASCII
        return body
    # json.dumps also escapes quotes and backslashes: here they are JSON already, so that is taken back.
    return json.dumps(body.decode())[1:-1].replace(r"\"", '"').replace(r"\\", "\\").encode()


def without_white_space(body):
    """White space outside strings goes. Escaped quotes are hidden first, behind bytes that UTF-8 never has."""
    if body.translate(None, b" \t\r\n") == body:
        return body
    parts = body.replace(rb"\\", b"\xfe").replace(rb"\"", b"\xff").split(b'"')  # outside, inside, outside ...
    parts[::2] = b'"'.join(parts[::2]).translate(None, b" \t\r\n").split(b'"')
    return b'"'.join(parts).replace(b"\xff", rb"\"").replace(b"\xfe", rb"\\")


# ---- Payload: liberal in what is taken, because the sender is not ours. Unknown fields are ignored.
# A check gives what the value must be, or nothing where it is right. A name with "?" may be missing.

def a_string(value): return not isinstance(value, str) and "must be a string"
def a_string_or_null(value): return value is not None and a_string(value)
def an_id(value): return a_string(value) or value == "" and "must not be empty"
def an_integer(value): return (type(value) not in (int, float) or value % 1 != 0) and "must be an integer"
def our_event(value): return value != "message_received" and "must be message_received"


PAYLOAD = {
    "event": our_event,
    "version?": a_string,
    "app": {"id": an_id, "name?": a_string_or_null},
    "thread": {"id": an_id, "customer_id?": a_string_or_null},
    "message": {"id?": a_string, "seq?": an_integer, "role?": a_string, "content": a_string},
    "history_tail?": [{"role": a_string, "content": a_string}],  # oldest first; does not always end with the message
    "timestamp?": a_string,
}
KEPT_OR_LONE_SURROGATE = r"(\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\[^u])|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"


def parse_payload(body):
    """The payload in a verified body, as a dict. Raises Problem."""
    try:
        text = body.decode()
        if r"\ud" in text.lower():
            text = re.sub(KEPT_OR_LONE_SURROGATE, lambda match: match[1] or r"\ufffd", text)
        # Python makes no int of more than 4300 digits, and reads NaN, which is not JSON: int("NaN") is a ValueError.
        payload = json.loads(text, parse_int=lambda n: int(n) if len(n) < 4000 else float(n), parse_constant=int)
    except UnicodeDecodeError:
        raise Problem("body_not_utf8")
    except (ValueError, RecursionError):  # also JSON that is nested deeper than Python's parser goes
        raise Problem("body_not_json")
    event = payload.get("event") if isinstance(payload, dict) else None
    require(not isinstance(event, str) or event == "message_received", "event_unsupported")
    errors = list(islice(field_errors(payload, PAYLOAD, "#"), 20))
    require(not errors, "payload_invalid", errors=errors)
    return {"history_tail": [], **payload}


def field_errors(value, schema, pointer):
    if callable(schema):
        if schema(value):
            yield {"detail": schema(value), "pointer": pointer}
    elif not isinstance(value, type(schema)):
        yield {"detail": "must be a list" if isinstance(schema, list) else "must be an object", "pointer": pointer}
    elif isinstance(schema, list):
        for index, item in enumerate(value):
            yield from field_errors(item, schema[0], "%s/%d" % (pointer, index))
    else:
        for name, field in schema.items():
            key = name.rstrip("?")
            if key in value:
                yield from field_errors(value[key], field, pointer + "/" + key)
            elif key == name:
                yield {"detail": "is required", "pointer": pointer + "/" + key}
