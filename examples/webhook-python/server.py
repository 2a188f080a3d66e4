"""The whole webhook in standard-library Python (3.8 or newer): edit reply(), then `python server.py`.

A request's way: read the bytes, verify the signature and parse the payload (request.py), reply, answer with JSON or
with a stream, store what was streamed (store.py). What is refused on the way is a Problem, which has a code.
"""
import errno
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
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from events import HEARTBEAT, delta_events, event
from log import log
from request import TITLES, Problem, parse_payload, require, verify
from settings import FALLBACK_REPLY, PAGE, PORT, REPLY_SECONDS, REQUIRE_SIGNATURE, SECRETS, START_LINES, VERSION
from store import can_store, store


def reply(payload):
    """Your bot: the one thing to edit. Gets the checked payload as a dict, gives back the text of the answer.

    To stream the text as it comes, make this a generator: `yield` strings instead of returning one.
    """
    return "Echo: " + payload["message"]["content"]


def run_reply(payload, pieces, unwanted):
    """reply() in a thread of its own. It is stopped at its next piece when nobody waits any more."""
    answer = reply(payload)
    for piece in answer if inspect.isgenerator(answer) else [answer]:
        if not isinstance(piece, str):
            raise TypeError("reply() must return a string, or yield strings")
        pieces.append(piece)
        if unwanted.wait(0.05 if len(pieces) > 1000 else 0):  # what comes faster than it is sent waits a little
            return


def texts_of_reply(payload, request_id):
    """Yields every 50 ms what reply() has said since, perhaps nothing. Raises Problem if it fails or takes too long."""
    pieces, unwanted = [], threading.Event()
    deadline = time.monotonic() + REPLY_SECONDS
    running = ThreadPoolExecutor(1).submit(run_reply, payload, pieces, unwanted)
    try:
        ended = False
        while not ended:
            ended = bool(wait([running], timeout=0.05).done)
            count = len(pieces)
            text = "".join(pieces[:count])
            del pieces[:count]
            # The main app answers 500 to U+0000 and to lone surrogates, and the reply is lost.
            yield re.sub("[\ud800-\udfff]", "\ufffd", text).replace("\0", "")
            require(ended or time.monotonic() < deadline, "reply_timeout", request_id=request_id)
    finally:
        unwanted.set()
    error = running.exception()
    if error:  # its message may hold the user's text, so only its place and its kind are logged
        where = "".join(traceback.format_tb(error.__traceback__))
        log("reply", "reply_failed", request_id, "\n" + where + type(error).__name__, file=sys.stderr)
        raise Problem("reply_failed", request_id=request_id)


def to_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


LONGEST_SILENCE = 5  # of an answer under way, in seconds: the main app gives up after 8 without a byte
MAX_BODY_BYTES = 1024 * 1024
MAX_BODY_SECONDS = 10
NIL_THREAD_ID = "00000000-0000-0000-0000-000000000000"  # of the dashboard's Test button, which reads JSON only
ROUTES = {"/": ("GET", "POST"), "/stream": ("POST",), "/health": ("GET", "HEAD")}
# The headers of each kind of answer.
JSON = {"Content-Type": "application/json; charset=utf-8"}
STREAM = {"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache, no-transform",
          "X-Accel-Buffering": "no"}
REFUSAL = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
HTML = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


class Handler(BaseHTTPRequestHandler):
    """One connection with one request: the main app opens a new one each time."""
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # so that what is not HTTP gets a status line all the same
    disable_nagle_algorithm = True
    timeout = 60

    def handle(self):
        with suppress(OSError):  # the caller went away
            self.handle_one_request()
            # Closing while unread bytes wait resets the connection, and the caller may lose the answer: read them.
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            enough = time.monotonic() + 2
            while self.connection.recv(65536) and time.monotonic() < enough:
                pass

    def answer(self):
        started = time.monotonic()
        self.status, self.code, self.sender_form = None, "", ""  # for the log
        # Not self.path, which may have lost a slash. A full URL is taken too.
        self.route = re.split("[?#]", re.sub("(?i)^https?://[^/?#]*", "", self.requestline.split()[1]))[0] or "/"
        try:
            self.take_request()
        except Problem as problem:
            self.code = problem.code
            allow = {"Allow": ", ".join(ROUTES[self.route])} if problem.status == 405 else {}
            self.send(problem.status, {**REFUSAL, **allow}, to_json(problem.details))
        except OSError:
            self.code = "client_gone"
        finally:
            log(self.command if re.fullmatch("[A-Z]{1,10}", self.command) else "(other)",
                self.route if self.route in ROUTES else "(other)", str(self.status or ""), self.code, self.sender_form,
                "%d ms" % ((time.monotonic() - started) * 1000))

    do_GET = do_HEAD = do_POST = answer

    def send_error(self, code, *_):
        """http.server calls this for a method that it does not know (501), and for what is not HTTP."""
        if code == 501:
            return self.answer()
        self.send(code, {}, b"")
        log("(other)", "(other)", str(code))

    def log_message(self, *_):
        """Nothing: http.server's own lines repeat what the caller sent."""

    def take_request(self):
        require(self.route in ROUTES, "not_found")
        require(self.command in ROUTES[self.route], "method_not_allowed")
        if self.command != "POST":
            return self.answer_get()
        require(re.match(r"(?i)application/json[ \t]*(;|\Z)", self.header("Content-Type")), "content_type_unsupported")
        body = self.read_body()
        require(SECRETS or not REQUIRE_SIGNATURE, "not_configured")
        self.sender_form, secret = verify(SECRETS, self.header("X-Signature"), self.header("X-Timestamp"), body)
        payload = parse_payload(body)
        request_id = str(uuid.uuid4())
        if self.wants_stream(payload):
            self.answer_stream(payload, secret, request_id)
        else:
            self.answer_json(payload, request_id)

    def header(self, name):
        """A header that was sent twice is a list, which no signature, timestamp or length can be."""
        return ", ".join(value.strip(" \t") for value in self.headers.get_all(name, []))

    def accepts(self, media_type):
        """Whether Accept names exactly this type, with a quality above 0."""
        for part in self.header("Accept").lower().split(","):
            name, *parameters = part.replace(" ", "").split(";")
            if name == media_type:
                return not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
        return False

    def read_body(self):
        length = self.header("Content-Length") or "0"
        require("Transfer-Encoding" not in self.headers and re.fullmatch("[0-9]{1,18}", length), "length_required")
        require(int(length) <= MAX_BODY_BYTES, "body_too_large")
        body = bytearray()
        deadline = time.monotonic() + MAX_BODY_SECONDS
        try:
            while len(body) < int(length):
                self.connection.settimeout(max(0.001, deadline - time.monotonic()))
                piece = self.rfile.read1(min(65536, int(length) - len(body)))
                require(piece, "body_not_json")  # it broke off
                body += piece
        except socket.timeout:
            raise Problem("body_too_slow")
        self.connection.settimeout(self.timeout)
        return bytes(body)

    def answer_get(self):
        status = {"status": "ok", "version": VERSION}
        if self.route == "/":
            if self.accepts("text/html") or not self.accepts("application/json"):
                return self.send(200, HTML, PAGE.encode())
            status["mode"] = "signed" if SECRETS else "unsigned"
        self.send(200, {"Content-Type": "application/json"}, to_json(status))

    def wants_stream(self, payload):
        """What Accept names, else what the route is for."""
        as_json, as_stream = self.accepts("application/json"), self.accepts("text/event-stream")
        if self.route == "/":
            return as_stream and not as_json
        return as_stream or not as_json and payload["thread"]["id"] != NIL_THREAD_ID

    def answer_json(self, payload, request_id):
        """Ready or failed within 5 s: the true status. Later a 200 goes out, and spaces, which JSON ignores."""
        texts = []
        self.last_sent = time.monotonic()
        try:
            for text in texts_of_reply(payload, request_id):
                texts.append(text)
                if time.monotonic() - self.last_sent >= LONGEST_SILENCE:
                    if not self.status:
                        self.send_head(200, JSON)
                    self.send_piece(b" ")
            answer = {"reply": "".join(texts)}
        except Problem as problem:
            if not self.status:
                raise
            self.code = problem.code
            answer = {"reply": FALLBACK_REPLY, "metadata": {"code": problem.code}}
        if not self.status:
            return self.send(200, JSON, to_json(answer))
        self.send_piece(to_json(answer))
        self.send_piece(b"")

    def answer_stream(self, payload, secret, request_id):
        """A failure is told in words: the dashboard shows nothing at all for an error event."""
        self.send_head(200, STREAM)
        self.send_piece(HEARTBEAT)
        said = ""
        try:
            for text in texts_of_reply(payload, request_id):
                said += self.send_deltas(text)
                if time.monotonic() - self.last_sent >= LONGEST_SILENCE:
                    self.send_piece(HEARTBEAT)
        except Problem as problem:
            self.code = problem.code
            said += self.send_deltas(("\n\n" if said else "") + FALLBACK_REPLY)
        stored = {}
        if said and can_store(payload, secret):
            self.send_piece(HEARTBEAT)  # the 5 s that storing may take begin here
            stored = store(payload, secret, said, request_id)
        time.sleep(0.1)  # done is read alone then: cut together with a delta it is lost, and the chat hangs for ever
        self.send_piece(event("done", {"status": "completed", **stored}))
        self.send_piece(b"")

    def send_deltas(self, text):
        for delta in delta_events(text):
            self.send_piece(delta)
            time.sleep(0.004)  # a burst would be cut every 64 KiB, and an event lost at each cut
        return text

    def send(self, status, headers, body):
        self.send_head(status, {**headers, "Content-Length": len(body)})
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_head(self, status, headers):
        """What follows goes out in pieces, unless the headers say its length."""
        self.status = status
        self.chunked = "Content-Length" not in headers and self.request_version >= "HTTP/1.1"
        framing = {"Transfer-Encoding": "chunked"} if self.chunked else {}
        self.send_response_only(status, TITLES[status])
        for name, value in {"Date": self.date_time_string(), **headers, **framing, "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()

    def send_piece(self, piece):
        """One piece is one write. An empty one ends the answer."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if self.chunked else piece)
        self.last_sent = time.monotonic()


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    allow_reuse_address = os.name == "posix"  # elsewhere two servers could share a port
    allow_reuse_port = False
    server_bind = socketserver.TCPServer.server_bind  # HTTPServer's also looks up a host name, which may take long


def main():
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
    with suppress(OSError):
        print(START_LINES, flush=True)
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


if __name__ == "__main__":
    main()
