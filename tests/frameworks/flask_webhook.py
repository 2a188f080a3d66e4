"""A webhook in Flask, served by its development server: `python flask_webhook.py`."""

import os
import time

from flask import Flask, Response, jsonify, request

import contract

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = contract.LIMIT
STREAM_HEADERS = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform"}


def verified():
    headers = [request.headers.getlist(name) for name in ("X-Signature", "X-Timestamp")]
    return contract.payload_of(request.get_data(), request.content_type or "", *headers)


@app.get("/")
def home():
    return "The webhook is up."


@app.post("/")
def answer():
    return jsonify(reply=contract.reply_to(verified()))


@app.post("/stream")
def stream():
    payload = verified()
    if payload.get("thread", {}).get("id") == contract.NIL_ID:
        return jsonify(reply=contract.reply_to(payload))
    return Response(slowly(contract.events(contract.reply_to(payload))), headers=STREAM_HEADERS)


def slowly(events):
    """The main app forgets an event that shares a read with the next."""
    for event in events:
        time.sleep(0.02 if "done" in event else 0.001)
        yield event


@app.errorhandler(contract.Refused)
def refused(error):
    return jsonify(code=error.code), error.status


app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)
