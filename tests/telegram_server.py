"""A small and fast HTTP/1.1 server that stands where the Bot API stands, and answers as a test tells it.

`answer` is called for each request with a `Call`, and replies at once, later, or never; or tears the connection down.
It is fast enough (more than 8,000 requests a second) that what is measured against it is the client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Self, cast
from urllib.parse import parse_qsl

import orjson

Answer = Callable[["Call"], None]

HEAD = b"HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
HEAD_END = b"\r\n\r\n"
FORM = b"application/x-www-form-urlencoded"


class Call:
    """One request: `method` of the Bot API, its parameters, and the ways to answer it."""

    __slots__ = ("_body", "_form", "_line", "method")

    def __init__(self, line: Line, method: str, body: bytes, *, form: bool) -> None:
        self._line = line
        self._body = body
        self._form = form
        self.method = method

    @property
    def params(self) -> dict[str, object]:
        """The parameters, from JSON or from a form whose compound values are JSON."""
        if not self._body:
            return {}
        if not self._form:
            return cast("dict[str, object]", orjson.loads(self._body))
        return {name: _value(text) for name, text in parse_qsl(self._body.decode(), keep_blank_values=True)}

    def ok(self, result: object) -> None:
        """Carried out."""
        self.reply(200, orjson.dumps({"ok": True, "result": result}))

    def refuse(self, code: int, description: str, parameters: Mapping[str, object] | None = None) -> None:
        """Refused, in Telegram's words."""
        body: dict[str, object] = {"ok": False, "error_code": code, "description": description}
        if parameters is not None:
            body["parameters"] = parameters
        self.reply(code, orjson.dumps(body))

    def reply(self, status: int, body: bytes) -> None:
        """Any status with any body."""
        self._line.write(
            b"HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, len(body), body)
        )

    def reset(self) -> None:
        """Tear the connection down without an answer."""
        self._line.abort()


def _value(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._transport = None
        self._server.lines.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            head = self._buffer[:end].lower()
            length = int(_header(head, b"content-length") or 0)
            start = end + len(HEAD_END)
            if len(self._buffer) < start + length:
                return
            path = self._buffer[: self._buffer.index(b" HTTP/")].split(b" ", 1)[1]
            body, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            method = path.split(b"?", 1)[0].rsplit(b"/", 1)[1].decode()
            self._server.heard(Call(self, method, body, form=_header(head, b"content-type") == FORM))

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _header(head: bytes, name: bytes) -> bytes | None:
    start = head.find(b"\r\n" + name + b":")
    if start < 0:
        return None
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else len(head)].strip()


class ApiServer:
    """`async with ApiServer(answer) as server:`, reachable at `server.url`."""

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self.answer = answer
        self._port = port
        self.calls = 0
        self.lines: set[Line] = set()
        self._server: asyncio.Server | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Line(self), "127.0.0.1", self._port, backlog=1024
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Close the door and every connection."""
        if self._server is not None:
            self._server.close()
            for line in list(self.lines):
                line.abort()
            await self._server.wait_closed()
            self._server = None

    def hang_up(self) -> None:
        """Close every connection as a server does that has waited long enough."""
        for line in list(self.lines):
            line.close()

    def heard(self, call: Call) -> None:
        self.calls += 1
        self.answer(call)
