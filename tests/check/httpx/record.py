"""Prints what httpx makes of raw answers. Reads {"cases": [{name, method, parts in hex}], "userInfos": [...]} as JSON from stdin."""

import asyncio
import json
import sys

import httpx
from httpcore._backends.anyio import AnyIOStream


class Reads:
    """Knows when the client has read everything that was sent, and wants more."""

    def __init__(self):
        self.sent = self.read = 0
        self.waiting = False
        self.changed = asyncio.Event()

    async def everything(self):
        while not (self.waiting and self.read == self.sent):
            self.changed.clear()
            await self.changed.wait()


reads: Reads
read_of_httpcore = AnyIOStream.read


async def counted_read(self, max_bytes, timeout=None):
    reads.waiting = True
    reads.changed.set()
    data = await read_of_httpcore(self, max_bytes, timeout)
    reads.waiting = False
    reads.read += len(data)
    return data


AnyIOStream.read = counted_read


async def serve(answer):
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def result_of(case):
    global reads
    reads = Reads()

    async def answer(reader, writer):
        serving.set_result(asyncio.current_task())
        await reader.readuntil(b"\r\n\r\n")
        try:
            for part in case["parts"]:
                await reads.everything()
                reads.sent += len(bytes.fromhex(part))
                writer.write(bytes.fromhex(part))
                await writer.drain()
            writer.write_eof()
            await reader.read()
        except ConnectionError:
            pass
        writer.close()

    serving = asyncio.get_running_loop().create_future()
    server, port = await serve(answer)
    result = {}
    try:
        async with httpx.AsyncClient(timeout=8) as client:
            async with client.stream(case["method"], f"http://127.0.0.1:{port}/") as response:
                result = {"status": response.status_code, "pieces": []}
                async for piece in response.aiter_bytes():
                    result["pieces"].append(piece.decode("latin1"))
    except httpx.HTTPError as error:
        result["error"] = type(error).__name__
    (await serving).cancel()
    server.close()
    return result


async def authorization_for(user_info):
    global reads
    reads = Reads()
    got = asyncio.get_running_loop().create_future()

    async def answer(reader, writer):
        got.set_result(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server, port = await serve(answer)
    async with httpx.AsyncClient() as client:
        await client.post(f"http://{user_info}@127.0.0.1:{port}/")
    server.close()
    [header] = [line for line in got.result().decode().split("\r\n") if line.startswith("Authorization: ")]
    return header.removeprefix("Authorization: ")


async def main():
    asked = json.load(sys.stdin)
    answers = {case["name"]: await result_of(case) for case in asked["cases"]}
    authorizations = {user_info: await authorization_for(user_info) for user_info in asked["userInfos"]}
    json.dump({"answers": answers, "authorizations": authorizations}, sys.stdout)


asyncio.run(main())
