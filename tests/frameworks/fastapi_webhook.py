"""A webhook in FastAPI, served by uvicorn: `python fastapi_webhook.py`."""

import asyncio
import os

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

import contract

app = FastAPI()


async def verified(request):
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > contract.LIMIT:
            raise contract.Refused(413, "body_too_large")
    headers = [request.headers.getlist(name) for name in ("X-Signature", "X-Timestamp")]
    return contract.payload_of(body, request.headers.get("content-type", ""), *headers)


@app.get("/")
async def home():
    return PlainTextResponse("The webhook is up.")


@app.post("/")
async def answer(request: Request):
    return {"reply": contract.reply_to(await verified(request))}


@app.post("/stream")
async def stream(request: Request):
    payload = await verified(request)
    if payload.get("thread", {}).get("id") == contract.NIL_ID:
        return {"reply": contract.reply_to(payload)}
    headers = {"Cache-Control": "no-cache, no-transform"}
    events = slowly(contract.events(contract.reply_to(payload)))
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def slowly(events):
    for event in events:
        await asyncio.sleep(0.02 if "done" in event else 0.001)
        yield event


@app.exception_handler(contract.Refused)
async def refused(request, error):
    return JSONResponse({"code": error.code}, error.status)


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
