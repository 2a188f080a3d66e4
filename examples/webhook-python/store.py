"""Stores the text of a stream in its thread, through the main app's Partner API, so that the chat keeps it."""
import http.client
import json
import re
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

from log import log
from settings import BACKEND_URL, HEADER_SAFE

STORE_SECONDS = 5
REAL_ID = re.compile("(?!0{8}-0{4}-0{4}-0{4}-0{12})[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
REFUSALS = (400, 401, 404, 422, 429)  # with these the main app said no before it did anything
ADVICE = {401: "Is WEBHOOK_SECRET the App's secret, without white space around it and in ASCII letters only?",
          404: "Is BACKEND_URL the backend that sent the message?"}


def can_store(payload, secret):
    ids = payload["app"]["id"], payload["thread"]["id"]
    return BACKEND_URL and secret and HEADER_SAFE.fullmatch(secret) and all(map(REAL_ID.fullmatch, ids))


def store(payload, secret, text, request_id):
    """What done says of the stored text: nothing if that failed. It posts once only: twice might store twice."""
    status, was_sent = None, True
    try:
        # In a thread of its own, because the time-out of a connection holds for each read alone.
        status, answer = ThreadPoolExecutor(1).submit(post, payload, secret, text, request_id).result(STORE_SECONDS)
        stored = json.loads(answer)
        if 200 <= status < 300 and REAL_ID.fullmatch(stored["id"]) and stored["seq"] < 2 ** 53:
            return {"message_id": stored["id"], "seq": stored["seq"]}
    except (ConnectionRefusedError, socket.gaierror):
        was_sent = False
    except Exception:
        pass  # no answer, or not the one expected: both are said below
    fate = "may have been stored, but" if was_sent and status not in REFUSALS else "was not stored, so"
    advice = ADVICE.get(status, "Is the main app up, and does BACKEND_URL lead to it?")
    message = "The reply %s the chat will forget it (%s). %s" % (fate, status or "no answer", advice)
    log("reply", "not_stored", request_id, message, file=sys.stderr)
    return {}


def post(payload, secret, text, request_id):
    """The status and the bytes of the answer. Follows no redirect: the secret goes to BACKEND_URL and nowhere else."""
    app_id, thread_id = payload["app"]["id"], payload["thread"]["id"]
    scheme, host, path, _, _ = urlsplit("%s/apps/%s/threads/%s/messages/assistant" % (BACKEND_URL, app_id, thread_id))
    headers = {"Content-Type": "application/json", "X-App-Id": app_id, "X-App-Secret": secret}
    body = json.dumps({"content": text, "content_json": {"request_id": request_id}})
    connect = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    with closing(connect(host, timeout=STORE_SECONDS)) as connection:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response.status, response.read(16 * 1024 * 1024)
