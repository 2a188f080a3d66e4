"""The whole webhook in one file of standard-library Python (3.8 or newer): edit reply(), then `python server.py`."""
import errno, hmac, http.client, json, os, re, signal, socket, sys, threading, time, traceback, uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer as Server

def reply(payload):
    """Your bot: the one thing to edit. Gets the checked payload as a dict, gives back the text of the answer.
    To stream the text as it comes, make this a generator: `yield` strings instead of returning one."""
    return "Echo: " + payload["message"]["content"]

def secrets_by_app(text):  # the secrets of each App that has its own, the newest first; None if the text cannot be read
    with suppress(ValueError, AttributeError, RecursionError):
        lists = {app: given if isinstance(given, list) else [given] for app, given in json.loads(text).items()}
        if all(len(given) in (1, 2) and all(given) for given in lists.values()):
            return {app.lower(): [secret.encode() for secret in given] for app, given in lists.items()}

env = os.environ.get
PORT = env("PORT") or "8080"
SECRETS = [os.fsencode(secret) for secret in (env("WEBHOOK_SECRET"), env("WEBHOOK_SECRET_PREVIOUS")) if secret]
REQUIRE_SIGNATURE = env("REQUIRE_SIGNATURE", "").lower() not in ("", "false", "0", "no")
REPLY_SECONDS = int(env("REPLY_TIMEOUT_MS")) / 1000 if re.fullmatch(r"[1-9]\d*", env("REPLY_TIMEOUT_MS", "")) else 25
FALLBACK_REPLY = env("FALLBACK_REPLY") or "Sorry, I could not answer that. Please try again."
BACKEND = re.fullmatch(r"(https|http(?=://(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$)))://([\w.:\[\]-]+)(/[^\s?#]*)?",
                       env("BACKEND_URL", "").rstrip("/"))  # the secret goes there: https, or this computer
APP_SECRETS = secrets_by_app(os.fsencode(env("WEBHOOK_SECRETS") or "{}"))
RUN_ONCE = env("RUN_ONCE", "").lower() not in ("false", "0", "no")
IS_SIGNED = bool(SECRETS or APP_SECRETS)
VERSION, MAX_BODY_BYTES, MAX_BODY_SECONDS, STORE_SECONDS = "0.1.0", 1024 * 1024, 10, 5
KEPT_SECONDS, MOST_KEPT, MOST_CHARACTERS = 600, 4000, 16384  # for copies: twice as long as a timestamp is good
LONGEST_SILENCE = 5  # of an answer under way, in seconds: the main app gives up after 8 without a byte
MODE = ("not configured: every message is refused until WEBHOOK_SECRETS can be read" if APP_SECRETS is None else
        "signed: messages without a valid signature are refused" if IS_SIGNED else
        "not configured: every message is refused until WEBHOOK_SECRET is set" if REQUIRE_SIGNATURE else
        "unsigned: everyone who knows the URL can send messages; set WEBHOOK_SECRET")
START_LINES = f"""replyhook listens on http://localhost:{PORT}
  mode      {MODE}
  storing   {'on' if BACKEND and IS_SIGNED else 'off: replies are forgotten; set WEBHOOK_SECRET and BACKEND_URL (https)'}
  paste into the dashboard as Webhook URL
  chat      http://localhost:{PORT}/stream
  /run      http://localhost:{PORT}/"""
PAGE = f"<!doctype html><title>replyhook</title><h1>replyhook is up</h1><pre>{START_LINES}</pre>".encode()

class Problem(Exception):
    """A refusal. Its details start with code and detail: the main app shows its caller the first 200 bytes only."""
    def __init__(self, status, code, detail, **more):
        self.status, self.code = status, code
        title = {413: "Content Too Large", 422: "Unprocessable Content"}.get(status) or http.client.responses[status]
        self.details = dict(code=code, detail=detail, status=status, title=title, type="about:blank", **more)

def need(condition, *problem, **more):
    if not condition:
        raise Problem(*problem, **more)

def log(*parts):  # these must never hold a secret, a signature, or anything else that the caller wrote
    with suppress(OSError, ValueError):  # the server outlives the reader of its log
        print("  ".join(filter(None, [time.strftime("%H:%M:%S", time.gmtime()), *parts])), flush=True)

MISMATCH = 401, "signature_mismatch", "The signature does not match. Is the webhook secret the same on both sides?"

def verify(secrets, signature, timestamp, body):
    """The form of the body that was signed, and the secret. Raises Problem where there is no valid signature."""
    need(signature, 401, "signature_missing",
         "X-Signature is missing. Sign with the webhook secret, or set the secret in the dashboard.")
    need(timestamp, 401, "timestamp_missing", "X-Timestamp is missing. Send the Unix time in seconds that was signed.")
    need(re.fullmatch("sha256=[0-9a-fA-F]{64}", signature), 401, "signature_malformed",
         "X-Signature must be one value: sha256= and 64 hex digits.")
    need(re.fullmatch("[0-9]{1,12}", timestamp), 401, "timestamp_malformed",
         "X-Timestamp must be Unix seconds in 1 to 12 decimal digits, sent once.")
    need(abs(int(time.time()) - int(timestamp)) <= 300, 401, "timestamp_outside_tolerance",
         "X-Timestamp is more than 300 s from this server's clock. Check both clocks.")
    for form, signed_body in sender_forms(body):
        for secret in secrets:
            expected = hmac.digest(secret, timestamp.encode() + b"." + signed_body, "sha256")
            if hmac.compare_digest(expected, bytes.fromhex(signature[7:])):
                return form, secret
    raise Problem(*MISMATCH)

def sender_forms(body):
    """The body as it came, then what real senders sign instead. The main app signs JSON with ASCII escapes and sends it
    as UTF-8; with an older HTTP client it also sends spaces that it did not sign. The JSON value is always the same."""
    yield "raw", body
    if body.translate(None, bytes(range(0x20, 0x7f))):  # there is more than printable ASCII
        yield "escaped", ascii_escaped(body)
    if body.translate(None, b" \t\r\n") == body:
        return
    # White space outside strings goes. Escaped quotes are hidden first, behind bytes that UTF-8 never has.
    parts = body.replace(rb"\\", b"\xfe").replace(rb"\"", b"\xff").split(b'"')  # outside, inside, outside a string ...
    parts[::2] = b'"'.join(parts[::2]).translate(None, b" \t\r\n").split(b'"')
    compact = b'"'.join(parts).replace(b"\xff", rb"\"").replace(b"\xfe", rb"\\")
    if compact != body:
        yield "compact", ascii_escaped(compact)

def ascii_escaped(body):  # json.dumps also escapes what is JSON already: undone. What is not UTF-8 is refused by parse
    return json.dumps(body.decode(errors="replace"))[1:-1].replace(r"\"", '"').replace(r"\\", "\\").encode()

MISSING = object()
def a_string(value): return not isinstance(value, str) and "must be a string"
def a_string_or_null(value): return value is not None and a_string(value)
def an_id(value): return a_string(value) or value == "" and "must not be empty"
def an_integer(value): return (type(value) not in (int, float) or value % 1 != 0) and "must be an integer"
def our_event(value): return value != "message_received" and "must be message_received"

PAYLOAD = {  # a check gives what is wrong, or nothing; a name with "?" may be missing; other names are ignored
    "event": our_event, "version?": a_string,
    "app": {"id": an_id, "name?": a_string_or_null}, "thread": {"id": an_id, "customer_id?": a_string_or_null},
    "message": {"id?": a_string, "seq?": an_integer, "role?": a_string, "content": a_string},
    "history_tail?": [{"role": a_string, "content": a_string}], "timestamp?": a_string}

def field_errors(value, schema, pointer="#"):
    if isinstance(schema, dict) and isinstance(value, dict):
        for name, field in schema.items():
            key = name.rstrip("?")
            if key in value or key == name:
                yield from field_errors(value.get(key, MISSING), field, f"{pointer}/{key}")
    elif isinstance(schema, list) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from field_errors(item, schema[0], f"{pointer}/{index}")
    else:
        wrong = {dict: "must be an object", list: "must be a list"}.get(type(schema)) or schema(value)
        if wrong:
            yield {"detail": "is required" if value is MISSING else wrong, "pointer": pointer}

def parse(body):  # the payload in a verified body, as a dict
    try:
        # Python makes no int of more than 4300 digits, and reads NaN, which is not JSON: int("NaN") is a ValueError.
        value = json.loads(body.decode(), parse_constant=int, parse_int=lambda n: int(n) if len(n) < 4000 else float(n))
        clean = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        payload = json.loads(clean)  # now lone surrogates are U+FFFD, so that reply() can encode what it gets
    except UnicodeDecodeError:
        raise Problem(400, "body_not_utf8", "The body is not valid UTF-8. Send JSON encoded as UTF-8.")
    except (ValueError, RecursionError):  # also JSON that is nested deeper than Python's parser goes
        raise Problem(400, "body_not_json", "The body is not JSON. Send one JSON object without a byte order mark.")
    event = payload.get("event") if isinstance(payload, dict) else None
    need(a_string(event) or not our_event(event), 422, "event_unsupported", "The only event is message_received.")
    errors = [error for _, error in zip(range(20), field_errors(payload, PAYLOAD))]
    need(not errors, 422, "payload_invalid", "The payload has missing or wrong fields. See errors.", errors=errors)
    return {"history_tail": [], **payload}

def pieces_of_reply(payload):
    answer = reply(payload)
    for piece in answer if hasattr(answer, "__next__") else [answer]:  # what is no string raises in the next line
        yield re.sub("[\ud800-\udfff]", "\ufffd", piece).replace("\0", "")  # the main app answers 500 to either

ONCE, ONCE_LOCK = {}, threading.Lock()  # when a signed request came and its outcome, by its signature, the oldest first

def claim(signature):
    """The outcome of a signed request: a Future of its text, and of what `done` says of it. Also whether this is a copy
    of an earlier request. A copy must wait for the outcome, and not run the reply. After a failure, the next one runs it.
    """
    with ONCE_LOCK:
        now, (_, outcome) = time.monotonic(), ONCE.get(signature, (0, None))
        if outcome and not (outcome.done() and outcome.exception()):
            return outcome, True
        ONCE.pop(signature, None)
        while ONCE and (len(ONCE) >= MOST_KEPT or now > next(iter(ONCE.values()))[0] + KEPT_SECONDS):
            del ONCE[next(iter(ONCE))]
        ONCE[signature] = now, Future()
        return ONCE[signature][1], False

def pieces_of_outcome(outcome):
    text, _ = outcome.result()
    yield text

NIL_ID = "00000000-0000-0000-0000-000000000000"  # the thread of the dashboard's Test button, which reads JSON only
REAL_ID = re.compile(f"(?!{NIL_ID})[0-9a-fA-F]{{8}}(-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}")

def store(payload, secret, text, request_id):
    """Posts a reply to its thread, or the chat forgets it. Gives what done says of it, or nothing if that failed."""
    app_id, thread_id = payload["app"]["id"], payload["thread"]["id"]
    if not (BACKEND and secret and text and REAL_ID.fullmatch(app_id) and REAL_ID.fullmatch(thread_id)):
        return {}
    scheme, host, path = BACKEND.groups("")
    headers = {"Content-Type": "application/json", "X-App-Id": app_id, "X-App-Secret": secret}
    body, outcome = json.dumps({"content": text, "content_json": {"request_id": request_id}}), None
    try:
        connect = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        connection = connect(host, timeout=STORE_SECONDS)
        connection.request("POST", f"{path}/apps/{app_id}/threads/{thread_id}/messages/assistant", body, headers)
        response = connection.getresponse()
        outcome = response.status
        stored = json.loads(response.read(MAX_BODY_BYTES))
        if outcome == 200 and REAL_ID.fullmatch(stored["id"]):
            return {"message_id": stored["id"], "seq": stored["seq"]}
    except Exception as error:  # it is never posted again: what may have been stored would be stored twice
        outcome = outcome or type(error).__name__
    fate = "was not" if outcome in (400, 401, 404, 422, 429, "ConnectionRefusedError", "gaierror") else "may have been"
    log("not_stored", request_id, f"The reply {fate} stored ({outcome}). Check BACKEND_URL and WEBHOOK_SECRET.")
    return {}

FAILED = 500, "reply_failed", "The reply logic failed. Search the webhook's log for request_id."
TOO_LATE = 504, "reply_timeout", "The reply logic ran out of time. Raise REPLY_TIMEOUT_MS or answer sooner."
TOO_LONG = "This message was answered already. The answer is too long to keep."
JSON = {"Content-Type": "application/json; charset=utf-8"}
STREAM = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache, no-transform",
          "X-Accel-Buffering": "no"}
HTML = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none';"}
REFUSAL = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
ALLOWED = {"/": "GET, POST", "/stream": "POST", "/health": "GET, HEAD"}

class Handler(BaseHTTPRequestHandler):
    """One connection with one request, as the main app opens them: where the answer ends, the connection ends."""
    protocol_version, disable_nagle_algorithm, timeout = "HTTP/1.1", True, 60
    status, code, form = None, "", ""  # of the answer, for the log
    outcome = first = None  # of this request, and if it is a copy, of the first one

    def handle(self):
        with suppress(OSError):  # the caller has gone
            self.raw_requestline, self.last_sent = self.rfile.readline(65537), time.monotonic()
            if self.parse_request():
                self.answer()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            while self.connection.recv(65536) and time.monotonic() < self.last_sent + 2:
                pass  # closing while unread bytes wait would reset the connection, and the caller might lose the answer

    def send_error(self, *_):  # for what is not HTTP: http.server's own page would repeat it
        self.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def answer(self):
        started, self.request_id, self.worker = time.monotonic(), str(uuid.uuid4()), ThreadPoolExecutor(1)
        target = self.requestline.split()[1]  # self.path may have lost a slash; a full URL is taken too
        self.route = re.sub("(?i)^https?://[^/?#]*", "", target).split("?")[0] or "/"
        try:
            self.take_request()
        except Problem as problem:
            self.code = problem.code
            headers = {**REFUSAL, "Allow": ALLOWED[self.route]} if problem.status == 405 else REFUSAL
            self.send(problem.status, headers, problem.details)
        except OSError:
            self.code = "client_gone"
        finally:
            if self.outcome and not self.outcome.done():
                self.outcome.set_exception(Problem(*FAILED, request_id=self.request_id))
        log(self.route if self.route in ALLOWED else "(other)", str(self.status), self.code, self.form,
            "copy" if self.first else "", f"{(time.monotonic() - started) * 1000:.0f} ms")

    def take_request(self):
        need(self.route in ALLOWED, 404, "not_found", "There is nothing here. POST to / or /stream.")
        need(self.command in ALLOWED[self.route].split(", "), 405, "method_not_allowed",
             "This path does not take this method. See the Allow header.")
        accept = self.header("Accept").lower().replace(" ", "").split(",")
        accepted = [part.split(";")[0] for part in accept if not re.search(r";q=0(\.0*)?(;|$)", part)]
        as_json, as_stream = "application/json" in accepted, "text/event-stream" in accepted
        if self.command != "POST":
            about = {"status": "ok", "version": VERSION, **({"mode": MODE.split(":")[0]} if self.route == "/" else {})}
            return self.send(200, HTML, PAGE) if self.route == "/" and not as_json else self.send(200, JSON, about)
        need(re.match(r"(?i)application/json[ \t]*(;|\Z)", self.header("Content-Type")), 415,
             "content_type_unsupported", "Send the header Content-Type: application/json.")
        size = self.header("Content-Length") or "0"
        need("Transfer-Encoding" not in self.headers and re.fullmatch("[0-9]{1,18}", size), 411, "length_required",
             "Send Content-Length, once and in digits. This server does not read chunked bodies.")
        need(int(size) <= MAX_BODY_BYTES, 413, "body_too_large", "The body is larger than 1 MiB (1,048,576 bytes).")
        reading = self.worker.submit(self.rfile.read, int(size))
        if not wait([reading], MAX_BODY_SECONDS).done:
            self.connection.shutdown(socket.SHUT_RD)  # ends the reading
            raise Problem(408, "body_too_slow", "The body took more than 10 s to arrive. Send it in one go.")
        body = reading.result()
        need(APP_SECRETS is not None and (IS_SIGNED or not REQUIRE_SIGNATURE), 503, "not_configured",
             "This webhook has no secret to check with. Set WEBHOOK_SECRET on the deployment, the same as in the dashboard.")
        signature, timestamp, named = self.header("X-Signature"), self.header("X-Timestamp"), self.header("X-App-Id")
        own = APP_SECRETS.get(named.lower())  # that App's own secrets, and no others; WEBHOOK_SECRET is for all other Apps
        self.form, secret = verify(own or SECRETS, signature, timestamp, body) if IS_SIGNED else ("unsigned", None)
        payload = parse(body)
        need(APP_SECRETS.get(payload["app"]["id"].lower()) is own, *MISMATCH)  # App A's secret never speaks for App B
        self.take_turn(signature.lower() if secret and RUN_ONCE else None)
        is_chat = self.route == "/stream" and (as_stream or payload["thread"]["id"] != NIL_ID)
        if as_stream if as_stream != as_json else is_chat:  # what Accept names counts, else what the route is for
            return self.answer_stream(payload, secret)
        said = "".join(self.texts_of_reply(payload, JSON, b" "))  # white space before JSON is ignored
        self.keep(said, {})
        failed = {"reply": FALLBACK_REPLY, "metadata": {"code": self.code}}
        self.send(200, JSON, failed if self.code else {"reply": said})

    def header(self, name):  # a header that was sent twice is a list, which no signature, timestamp or length can be
        return ", ".join(value.strip(" \t") for value in self.headers.get_all(name, []))

    def take_turn(self, signature):
        self.signature, (outcome, is_copy) = signature, claim(signature) if signature else (Future(), False)
        self.outcome, self.first = (Future(), outcome) if is_copy else (outcome, None)

    def texts_of_reply(self, payload, headers, heartbeat, deadline=None):
        """Yields what reply() says, as it says it, and sends heartbeats while it is silent."""
        pieces = pieces_of_outcome(self.first) if self.first else pieces_of_reply(payload)
        said, deadline = "", deadline or time.monotonic() + REPLY_SECONDS
        coming = self.worker.submit(next, pieces, None)
        while time.monotonic() < deadline:
            if wait([coming], max(0, min(deadline, self.last_sent + LONGEST_SILENCE) - time.monotonic())).done:
                if coming.exception():
                    break
                if coming.result() is None:
                    return
                yield coming.result()
                said, coming = said or coming.result(), self.worker.submit(next, pieces, None)
            if time.monotonic() >= self.last_sent + LONGEST_SILENCE:
                self.send(200, headers, heartbeat)
        error, problem = coming.done() and coming.exception(), Problem(*TOO_LATE, request_id=self.request_id)
        if error and self.first:  # the first one has failed: now it is the turn of this one, or of another copy
            self.take_turn(self.signature)
            yield from self.texts_of_reply(payload, headers, heartbeat, deadline)
            return
        if error:  # its message may hold the user's text, so only its place and its kind are logged
            log("reply_failed", self.request_id, "\n", *traceback.format_tb(error.__traceback__), type(error).__name__)
            problem = Problem(*FAILED, request_id=self.request_id)
        self.outcome.set_exception(problem)
        if not self.status:
            raise problem
        self.code = problem.code  # a 200 is out, so it is told in words: the dashboard shows nothing for an error event
        yield ("\n\n" if said else "") + FALLBACK_REPLY

    def keep(self, text, done):  # the outcome for copies, unless it is a failure
        if not self.outcome.done():
            self.outcome.set_result((text if len(text) <= MOST_CHARACTERS else TOO_LONG, done))

    def answer_stream(self, payload, secret):
        heartbeat, said = b": still here\n\n", ""
        self.send(200, STREAM, heartbeat)
        for text in self.texts_of_reply(payload, STREAM, heartbeat):
            said += text
            for start in range(0, len(text), 80):  # an event of at most 1 KiB, whatever the characters
                self.send_event("delta", {"text": text[start:start + 80]})
        self.send(200, STREAM, heartbeat if BACKEND else b"")  # the 5 s that storing may take begin here
        time.sleep(0.1)  # done is read alone then: cut together with a delta it is lost, and the chat hangs for ever
        if not self.first:
            done = store(payload, secret, said, self.request_id)
        else:  # it is stored already, unless it failed
            done = {} if self.code else self.first.result()[1]
        self.keep(said, done)
        self.send_event("done", {"status": "completed", **done})

    def send_event(self, name, data):
        event = f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()  # ASCII: read in pieces
        self.send(200, STREAM, event)
        time.sleep(len(event) / 250_000)  # a burst would be cut every 64 KiB, and an event lost at each cut

    def send(self, status, headers, body):  # the head, unless it is out already, and a piece of the body in one write
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        if not self.status:
            self.status = status
            self.send_response_only(status)
            for name, value in {"Date": self.date_time_string(), **headers, "Connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)
        self.last_sent = time.monotonic()

def main():
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))  # at once: a reply under way must not hold up the end
    Server.request_queue_size = 128
    for Server.address_family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            threading.Thread(target=Server((address, int(PORT)), Handler).serve_forever, daemon=True).start()
        except (OSError, OverflowError, ValueError) as error:
            if address == "127.0.0.1" or error.errno == errno.EADDRINUSE:
                sys.exit(f"Cannot listen on port {PORT}: {error}. Choose another: PORT=8083 python server.py")
    print(START_LINES, flush=True)
    threading.Event().wait()

if __name__ == "__main__":
    main()
