"""The whole webhook in one file of standard-library Python (3.8 or newer): edit reply(), then `python server.py`.

A request's way: read the bytes, verify the signature, parse the payload, reply, answer with JSON or with a stream.
"""
import errno
import hmac
import http.client
import inspect
import json
import os
import re
import signal
import socket
import socketserver
import sys
import threading
import time
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from email.utils import formatdate
from itertools import islice
from urllib.parse import urlsplit


def reply(payload):
    """Your bot: the one thing to edit. Gets the checked payload as a dict, gives back the text of the answer.

    To stream the text as it comes, make this a generator: `yield` strings instead of returning one.
    """
    return "Echo: " + payload["message"]["content"]


# ---- Settings, from the environment

def clean(text):
    """Text that may leave: the main app answers 500 to U+0000 and to lone surrogates, and the reply is lost."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text).replace("\0", "")


VERSION = "0.1.0"
PORT = os.environ.get("PORT") or "8080"
SECRET_NAMES = [name for name in ("WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS") if os.environ.get(name)]
SECRETS = [os.fsencode(os.environ[name]) for name in SECRET_NAMES]
REQUIRE_SIGNATURE = os.environ.get("REQUIRE_SIGNATURE", "").lower() not in ("", "false", "0", "no")
FALLBACK_REPLY = clean(os.environ.get("FALLBACK_REPLY", "")) or "Sorry, I could not answer that. Please try again."
TIMEOUT = os.environ.get("REPLY_TIMEOUT_MS", "")
REPLY_TIMEOUT_MS = int(TIMEOUT) if re.fullmatch("[1-9][0-9]{0,6}", TIMEOUT) else 25000
if SECRETS:
    MODE = "signed: messages without a valid signature are refused"
elif REQUIRE_SIGNATURE:
    MODE = "not configured: every message is refused until WEBHOOK_SECRET is set"
else:
    MODE = "unsigned: everyone who knows the URL can send messages; set WEBHOOK_SECRET"
WARNINGS = [name + " has white space or quotes around it. It is used as it is; paste it again without them if that "
            "was an accident." for name in SECRET_NAMES if re.search(r"(?s)^\s|\s\Z|^([\"']).*\1\Z", os.environ[name])]

# Where replies are stored. The secret goes there, so it must be https, or this computer.
BACKEND_URL = os.environ.get("BACKEND_URL", "").rstrip("/")
SAFE_HOST = r"https://([\w.-]+|\[[\da-f:]+\])|http://(localhost|127\.0\.0\.1|\[::1\])"
if BACKEND_URL and not re.fullmatch(r"(?ai)(%s)(:\d{1,5})?(/[^\s?#]*)?" % SAFE_HOST, BACKEND_URL):
    BACKEND_URL = ""
    WARNINGS.append("BACKEND_URL must be an https:// URL without user, query or fragment (http:// only for localhost). "
                    "It is ignored.")
HEADER_SAFE = re.compile(b"[!-~]([ -~]*[!-~])?")
if not BACKEND_URL or not SECRETS:
    WARNINGS.append("The chat will forget streamed text as soon as it is complete, because replies are not stored. Set "
                    "BACKEND_URL to the main app's backend and WEBHOOK_SECRET to the App's secret to keep it.")
elif not all(map(HEADER_SAFE.fullmatch, SECRETS)):
    WARNINGS.append("A secret with white space around it or with letters outside ASCII can sign, but can never pass the "
                    "Partner API: replies will not be stored. Choose another secret in the dashboard and here.")

# ---- Refusals: RFC 9457 problem details. Nothing in them repeats what the caller sent.

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
    "body_too_large": (413, "The body is larger than 1 MiB (1,048,576 bytes)."),
    "content_type_unsupported": (415, "Send the header Content-Type: application/json."),
    "payload_invalid": (422, "The payload has missing or wrong fields. See errors."),
    "event_unsupported": (422, "The only event is message_received."),
    "reply_failed": (500, "The reply logic failed. Search the webhook's log for request_id."),
    "not_configured": (503, "REQUIRE_SIGNATURE is on, but no WEBHOOK_SECRET is set on the webhook."),
    "reply_timeout": (504, "The reply logic ran out of time. Raise REPLY_TIMEOUT_MS or answer sooner."),
}
TITLES = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
          413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
          500: "Internal Server Error", 503: "Service Unavailable", 504: "Gateway Timeout"}


class Problem(Exception):
    def __init__(self, code, headers=None, **members):
        self.code, (self.status, detail) = code, PROBLEMS[code]
        self.headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store", **(headers or {})}
        # The main app shows its caller the first 200 bytes only: code and detail come first.
        self.body = {"code": code, "detail": detail, "status": self.status, "title": TITLES[self.status],
                     "type": "about:blank", **members}


# ---- Signature: "sha256=" + hex(HMAC-SHA256(secret, X-Timestamp + "." + body)), fail closed

def verify(headers, body):
    """The form of the body that was signed, and the secret; "unsigned" where no secret is set. Raises Problem."""
    if not SECRETS:
        if REQUIRE_SIGNATURE:
            raise Problem("not_configured")
        return "unsigned", None
    signature, timestamp = headers.get("x-signature"), headers.get("x-timestamp")
    if not signature:
        raise Problem("signature_missing")
    if not timestamp:
        raise Problem("timestamp_missing")
    if not re.fullmatch("sha256=[0-9a-fA-F]{64}", signature):
        raise Problem("signature_malformed")
    if not re.fullmatch("[0-9]{1,12}", timestamp):
        raise Problem("timestamp_malformed")
    if abs(int(time.time()) - int(timestamp)) > 300:
        raise Problem("timestamp_outside_tolerance")
    for form, signed_body in sender_forms(body):
        for secret in SECRETS:
            expected = hmac.digest(secret, timestamp.encode() + b"." + signed_body, "sha256")
            if hmac.compare_digest(expected, bytes.fromhex(signature[7:])):
                return form, secret
    raise Problem("signature_mismatch")


def sender_forms(body):
    """The body as it came, then what real senders sign instead. The main app signs JSON with ASCII escapes and sends it
    as UTF-8; with an older HTTP client it also sends spaces that it did not sign. The JSON value is always the same."""
    yield "raw", body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return
    escapes = AsciiEscapes()
    escaped = text.translate(escapes).encode()
    if escaped != body:
        yield "escaped", escaped
    # Strings are matched whole, so only the white space between them goes.
    compact = "".join(re.findall(r'(?s)"[^"\\]*(?:\\.[^"\\]*)*"?|[^" \t\n\r]+', text)).translate(escapes).encode()
    if compact != escaped:
        yield "compact", compact


class AsciiEscapes(dict):
    """What str.translate puts for a character: asked once for each, so that a long text stays cheap."""

    def __missing__(self, code):
        if code > 0xffff:
            escape = r"\u%04x\u%04x" % (0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff))
        else:
            escape = chr(code) if 0x20 <= code <= 0x7e else r"\u%04x" % code
        self[code] = escape
        return escape


# ---- Payload: liberal in what is taken, because the sender is not ours. Unknown fields are ignored.
# A check gives what the value must be, or nothing where it is right. A name with "?" may be missing.

def a_string(value): return "" if isinstance(value, str) else "must be a string"
def a_string_or_null(value): return value is not None and a_string(value)
def an_id(value): return a_string(value) or not value and "must not be empty"
def our_event(value): return value != "message_received" and "must be message_received"
def an_integer(value): return (type(value) not in (int, float) or value % 1 != 0) and "must be an integer"


PAYLOAD = {
    "event": our_event,
    "version?": a_string,
    "app": {"id": an_id, "name?": a_string_or_null},
    "thread": {"id": an_id, "customer_id?": a_string_or_null},
    "message": {"id?": a_string, "seq?": an_integer, "role?": a_string, "content": a_string},
    "history_tail?": [{"role": a_string, "content": a_string}],  # oldest first; does not always end with the message
    "timestamp?": a_string,
}


def parse_payload(body):
    """The payload in a verified body. Raises Problem."""
    try:
        payload = parse_json(body.decode())
    except UnicodeDecodeError:
        raise Problem("body_not_utf8")
    # Nesting deeper than Python's parser goes (about 1000 to 100,000 levels) is JSON, but it cannot be read here.
    except (ValueError, RecursionError):
        raise Problem("body_not_json")
    if isinstance(payload, dict) and isinstance(payload.get("event"), str) and our_event(payload["event"]):
        raise Problem("event_unsupported")
    # Of a large body only the first error is looked for, so that a body of nothing but errors stays cheap.
    errors = list(islice(field_errors(payload, PAYLOAD, "#"), 20 if len(body) <= 65536 else 1))
    if errors:
        raise Problem("payload_invalid", errors=errors)
    payload.setdefault("history_tail", [])
    return payload


def parse_json(source):
    if re.search(r"\\u[dD][89a-fA-F]", source):
        pair_or_lone = r"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
        source = re.sub(pair_or_lone, lambda match: r"\ufffd" if match.group(1) else match.group(), source)

    def refuse(name):
        raise ValueError(name + " is not JSON, though Python reads it")

    def number(digits):
        return int(digits) if len(digits) < 4000 else float(digits)  # Python makes no int of more than 4300 digits
    return json.loads(source, parse_constant=refuse, parse_int=number)


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
        for name, field_schema in schema.items():
            key = name.rstrip("?")
            if key in value:
                yield from field_errors(value[key], field_schema, pointer + "/" + key)
            elif key == name:
                yield {"detail": "is required", "pointer": pointer + "/" + key}


# ---- The reply under way. The main app gives up after 8 s without a byte, so none of our silences is that long.

LONGEST_SILENCE = 5


class ReplyRun:
    """reply() at work in a thread of its own: the text that came so far, and how it ended."""

    def __init__(self, payload):
        self.waiting, self.ended, self.failure, self.error = [], False, "", None
        self.deadline = time.monotonic() + REPLY_TIMEOUT_MS / 1000
        self.changed = threading.Condition()
        threading.Thread(target=self.work, args=(payload,), daemon=True).start()

    def work(self, payload):
        try:
            answer = reply(payload)
            for piece in answer if inspect.isgenerator(answer) else [answer]:
                if not isinstance(piece, str):
                    raise TypeError("reply() must return a string, or yield strings")
                with self.changed:
                    self.waiting.append(piece)
                    self.changed.notify()
                if self.ended:
                    return
            self.end()
        except BaseException as error:  # also sys.exit() in reply(): somebody waits for the answer
            self.end("reply_failed", error)

    def end(self, failure="", error=None):
        with self.changed:
            if not self.ended:
                self.ended, self.failure, self.error = True, failure, error
                self.changed.notify()

    def wait(self, whole):
        """Waits for new text (if `whole`, for the end only), 5 s at most. Gives whether the reply has ended."""
        with self.changed:
            left = max(0, self.deadline - time.monotonic())
            self.changed.wait_for(lambda: self.ended or self.waiting and not whole, min(left, LONGEST_SILENCE))
        if time.monotonic() >= self.deadline:
            self.end("reply_timeout")
        return self.ended

    def take(self):
        with self.changed:
            pieces, self.waiting = self.waiting, []
        return clean("".join(pieces))


# ---- Server-sent events, in the narrow form that the main app and its dashboard read without loss

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


# ---- Storing the text of a stream, so that the chat keeps it

REAL_ID = re.compile("(?!0{8}-0{4}-0{4}-0{4}-0{12})[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
STORE_TIMEOUT = 5
ADVICE = {401: "Is WEBHOOK_SECRET the App's secret, without white space around it and in ASCII letters only?",
          404: "Is BACKEND_URL the backend that sent the message?"}


def can_store(payload, secret):
    ids = payload["app"]["id"], payload["thread"]["id"]
    return BACKEND_URL and secret and HEADER_SAFE.fullmatch(secret) and all(map(REAL_ID.fullmatch, ids))


def store(payload, secret, text, request_id):
    """Gives what done says of the stored text: nothing if that failed. Tried once, since posting twice stores twice."""
    app_id, thread_id, status = payload["app"]["id"], payload["thread"]["id"], None
    url = "%s/apps/%s/threads/%s/messages/assistant" % (BACKEND_URL, app_id, thread_id)
    headers = {"Content-Type": "application/json", "X-App-Id": app_id, "X-App-Secret": secret}
    body = to_json({"content": text, "content_json": {"request_id": request_id}})
    try:
        # In a thread of its own, because the time-out of a connection holds for each read alone.
        status, answer = ThreadPoolExecutor(1).submit(post, url, headers, body).result(STORE_TIMEOUT)
        if 200 <= status < 300:
            message = json.loads(answer)
            return {"message_id": str(message["id"]), "seq": int(message["seq"])}
    except Exception:
        pass  # no answer, or not the one expected: both are said below
    advice = ADVICE.get(status, "Is the main app up, and does BACKEND_URL lead to it?")
    log_error("not_stored", request_id,
              "The reply was not stored, so the chat will forget it (%s). %s" % (status or "no answer", advice))
    return {}


def post(url, headers, body):
    """Follows no redirect: the secret goes to BACKEND_URL and nowhere else."""
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    with closing(connect(parts.netloc, timeout=STORE_TIMEOUT)) as connection:
        connection.request("POST", parts.path, body, headers)
        response = connection.getresponse()
        return response.status, response.read(16 * 1024 * 1024)


def log_error(code, request_id, text):
    print(time.strftime("%H:%M:%S", time.gmtime()), "reply", code, request_id, text, sep="  ", file=sys.stderr, flush=True)


# ---- HTTP, read by hand: http.server knows no chunked bodies, and a malformed header line hides those after it

MAX_BODY_BYTES = 1024 * 1024
MAX_HEAD_BYTES = 16 * 1024
REQUEST_LINE = re.compile(rb"([!-~]+) ([^\0- \x7f]+) HTTP/1\.([01])\r\n")
FIELD = re.compile(rb"([!#-'*+.^_`|~0-9A-Za-z-]+):([\t -~\x80-\xff]*)\r\n")
CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?\r\n")
ROUTES = {"/": ("GET", "POST"), "/stream": ("POST",), "/health": ("GET", "HEAD")}
NIL_THREAD_ID = "00000000-0000-0000-0000-000000000000"  # of the dashboard's Test button, which reads JSON only
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
STREAM_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache, no-transform",
                  "X-Accel-Buffering": "no"}
PAGE_HEADERS = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
                "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The webhook is up</title>
<h1>The webhook is up</h1>
<p>Version %s, %s</p>
%s<h2>Paste into the dashboard as Webhook URL</h2>
<p>To chat in the dashboard: <code>http://localhost:%s/stream</code></p>
<p>For callers of <code>/run</code>: <code>http://localhost:%s/</code></p>
</html>
""" % (VERSION, MODE, "".join("<p>Warning: %s</p>\n" % warning for warning in WARNINGS), PORT, PORT)


class NotHttp(Exception):
    """Answered with a bare 400, then the connection is closed."""


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def matched(pattern, line):
    match = pattern.fullmatch(line)
    if not match:
        raise NotHttp
    return [part.decode("latin-1") for part in match.groups()]


class Handler(socketserver.StreamRequestHandler):
    """One connection, with one request after another."""
    timeout = 60
    disable_nagle_algorithm = True

    def handle(self):
        self.keep_alive = True
        try:
            while self.keep_alive and self.read_head():
                self.answer()
        except NotHttp:
            self.method = self.path = ""
            self.keep_alive = False
            self.send(400, {}, b"")
            self.log(400)
        except OSError:
            pass  # the caller went away, or said nothing for a minute

    def finish(self):
        # Closing while unread bytes wait resets the connection, and the caller may lose the answer: take them first.
        enough = time.monotonic() + 2
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
            self.request.settimeout(1)
            while self.request.recv(65536) and time.monotonic() < enough:
                pass
        super().finish()

    def read_head(self):
        """Whether there is another request."""
        line = self.rfile.readline(MAX_HEAD_BYTES)
        if not line:
            return False
        self.started, self.code, self.sender_form, self.request_id = time.monotonic(), "", "", str(uuid.uuid4())
        self.method, target, minor_version = matched(REQUEST_LINE, line)
        self.path, self.can_chunk = target.split("?")[0], minor_version == "1"
        self.headers = self.read_fields()
        self.keep_alive = self.can_chunk and "close" not in self.headers.get("connection", "").lower()
        return True

    def read_fields(self):
        fields, room = {}, MAX_HEAD_BYTES
        while True:
            line = self.rfile.readline(room)
            room -= len(line)
            if line == b"\r\n":
                return fields
            name, value = matched(FIELD, line)
            name, value = name.lower(), value.strip(" \t")
            # A header sent twice becomes a list, which no signature and no timestamp can be.
            fields[name] = fields[name] + ", " + value if name in fields else value

    def read_body(self):
        """The raw body, or None as soon as it is known to be too large."""
        length, coding = self.headers.get("content-length", "0"), self.headers.get("transfer-encoding", "").lower()
        both = coding and "content-length" in self.headers
        if not re.fullmatch("[0-9]{1,18}", length) or coding not in ("", "chunked") or both:
            raise NotHttp
        if int(length) > MAX_BODY_BYTES:
            return None
        if self.headers.get("expect") == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not coding:
            return self.read_exactly(int(length))
        body = bytearray()
        while True:
            size = int(matched(CHUNK_SIZE, self.rfile.readline(1024))[0], 16)
            if len(body) + size > MAX_BODY_BYTES:
                return None
            if size == 0:
                self.read_fields()
                return bytes(body)
            body += self.read_exactly(size)
            if self.read_exactly(2) != b"\r\n":
                raise NotHttp

    def read_exactly(self, size):
        data = self.rfile.read(size)
        if len(data) < size:
            raise NotHttp
        return data

    def answer(self):
        status, body = 200, self.read_body()
        self.keep_alive = self.keep_alive and body is not None
        try:
            self.route(body)
        except Problem as problem:
            status, self.code = problem.status, problem.code
            self.send(status, problem.headers, to_json(problem.body))
        except OSError:
            self.code = "client_gone"
            raise
        finally:
            self.log(status)

    def route(self, body):
        methods = ROUTES.get(self.path)
        if not methods:
            raise Problem("not_found")
        if self.method not in methods:
            raise Problem("method_not_allowed", {"Allow": ", ".join(methods)})
        if self.method != "POST":
            return self.answer_get()
        if not re.match(r"(?i)application/json[ \t]*(;|\Z)", self.headers.get("content-type", "")):
            raise Problem("content_type_unsupported")
        if body is None:
            raise Problem("body_too_large")
        self.sender_form, secret = verify(self.headers, body)
        payload = parse_payload(body)
        run = ReplyRun(payload)
        try:
            if self.wants_stream(payload["thread"]["id"]):
                self.answer_stream(run, payload, secret)
            else:
                self.answer_json(run)
        finally:
            run.end("client_gone")

    def wants_stream(self, thread_id):
        """What Accept names, else what the route is for."""
        as_json, as_stream = self.accepts("application/json"), self.accepts("text/event-stream")
        if self.path == "/":
            return as_stream and not as_json
        return as_stream or not as_json and thread_id != NIL_THREAD_ID

    def accepts(self, media_type):
        """Whether Accept names exactly this type, with a quality above 0."""
        for part in self.headers.get("accept", "").split(","):
            name, *parameters = [item.strip().lower().replace(" ", "") for item in part.split(";")]
            if name == media_type and not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters):
                return True
        return False

    def answer_get(self):
        status = {"status": "ok", "version": VERSION}
        if self.path == "/":
            if self.accepts("text/html") or not self.accepts("application/json"):
                return self.send(200, PAGE_HEADERS, PAGE.encode())
            status["mode"] = "signed" if SECRETS else "unsigned"
        self.send(200, {"Content-Type": "application/json"}, to_json(status))

    def answer_json(self, run):
        """Ready or failed within 5 s: the true status. Later a 200 goes out, and spaces, which JSON ignores."""
        late = False
        while not run.wait(whole=True):
            if not late:
                self.send_head(200, JSON_HEADERS)
                late = True
            self.send_piece(b" ")
        answer = {"reply": run.take()}
        if run.failure:
            self.report_failure(run)
            if not late:
                raise Problem(run.failure, request_id=self.request_id)
            answer = {"reply": FALLBACK_REPLY, "metadata": {"code": run.failure}}
        if late:
            self.send_piece(to_json(answer))
            self.send_piece(b"")
        else:
            self.send(200, JSON_HEADERS, to_json(answer))

    def answer_stream(self, run, payload, secret):
        """A failure is told in words: the dashboard shows nothing at all for an error event."""
        self.send_head(200, STREAM_HEADERS)
        self.send_piece(HEARTBEAT)
        spoken, ended = "", False
        while not ended:
            ended, new_text = run.wait(whole=False), run.take()
            spoken += self.send_deltas(new_text)
            if not new_text and not ended:
                self.send_piece(HEARTBEAT)
        if run.failure:
            self.report_failure(run)
            spoken += self.send_deltas(("\n\n" if spoken else "") + FALLBACK_REPLY)
        stored = {}
        if spoken and can_store(payload, secret):
            self.send_piece(HEARTBEAT)  # the 5 s that storing may take begin here
            stored = store(payload, secret, spoken, self.request_id)
        time.sleep(0.1)  # done is read alone then: cut together with a delta it is lost, and the chat hangs for ever
        self.send_piece(event("done", {"status": "completed", **stored}))
        self.send_piece(b"")

    def send_deltas(self, text):
        for delta in delta_events(text):
            self.send_piece(delta)
            time.sleep(0.004)  # a burst would be cut every 64 KiB, and an event lost at each cut
        return text

    def report_failure(self, run):
        self.code = run.failure
        # Where it failed and the kind of error, but not its message, which may hold the user's text.
        where = traceback.format_tb(run.error.__traceback__) + [type(run.error).__name__] if run.error else []
        log_error(run.failure, self.request_id, "\n" + "".join(where))

    def send_head(self, status, headers):
        lines = ["HTTP/1.1 %d %s" % (status, TITLES[status]), "Date: " + formatdate(usegmt=True)]
        lines += ["%s: %s" % header for header in headers.items()]
        if "Content-Length" not in headers:
            self.keep_alive = self.keep_alive and self.can_chunk
            lines += ["Transfer-Encoding: chunked"] if self.can_chunk else []
        lines += [] if self.keep_alive else ["Connection: close"]
        self.wfile.write("\r\n".join(lines + ["", ""]).encode())

    def send(self, status, headers, body):
        self.send_head(status, {**headers, "Content-Length": len(body)})
        if self.method != "HEAD":
            self.wfile.write(body)

    def send_piece(self, data):
        """One piece is one write. An empty piece is the end, as HTTP has it."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data) if self.can_chunk else data)

    def log(self, status):
        """One line, never with the secret, a signature, or anything else that the caller wrote."""
        method = self.method if re.fullmatch("[A-Z]{1,10}", self.method) else "(other)"
        route = self.path if self.path in ROUTES else "(other)"
        ms = "%d ms" % ((time.monotonic() - self.started) * 1000)
        parts = [time.strftime("%H:%M:%S", time.gmtime()), method, route, str(status), self.code, self.sender_form, ms]
        print("  ".join(filter(None, parts)), flush=True)


# ---- The server

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = os.name == "posix"  # on Windows it would let two servers share a port


def main():
    if not re.fullmatch("[0-9]{1,5}", PORT) or not 1 <= int(PORT) <= 65535:
        sys.exit("PORT must be a number from 1 to 65535.")
    # At once: a reply under way must not hold up the end, nor a thread print while Python takes itself apart.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))
    servers = []
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        Server.address_family = family
        try:
            servers.append(Server((address, int(PORT)), Handler))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sys.exit("Port %s is in use. Stop what uses it, or choose another: PORT=8083 python server.py" % PORT)
            if family == socket.AF_INET:
                sys.exit("Cannot listen on port %s: %s." % (PORT, error.strerror))
    origin = "http://localhost:" + PORT
    print("replyhook listens on " + origin, "  mode      " + MODE, *["  warning   " + warning for warning in WARNINGS],
          "  paste into the dashboard as Webhook URL", "  chat      %s/stream" % origin, "  /run      %s/" % origin,
          sep="\n", flush=True)
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
