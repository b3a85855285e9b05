"""An HTTP/1.1 client with as much of the protocol as the Bot API needs: small requests, answers read whole.

    take or make a connection ──► write the request ──► read the answer ──► keep the connection, or close it
       a failure is `NotSent`     a failure is `NoResponse`: it may have been carried out

A general client spends several times the work on a request, and requests are most of what the program does. Answers are
parsed by llhttp, the parser of Node.js. There are no redirects, cookies, proxies, compressed answers or retries.

No error made here quotes an address, because it holds the token.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from typing import TYPE_CHECKING, cast

from aiohappyeyeballs import start_connection
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from bot.telegram.address import address

if TYPE_CHECKING:
    from typing import TypeAlias

    from bot.telegram.address import Address, Origin

    Response: TypeAlias = tuple[int, bytes]

KEEP_ALIVE = 15.0  # seconds; shorter than any server's, so that the server is seldom the one who closes first
LARGEST = 32 * 2**20  # bytes of an answer; Telegram gives files of up to 20 MB
OTHER_FAMILY_AFTER = 0.25  # seconds until IPv4 is tried beside an IPv6 that does not answer (RFC 8305 §5)
FINAL = 200  # statuses below announce another (RFC 9110 §15.2)
DELIMITERS = (b"content-length", b"transfer-encoding")  # without them the end of the connection ends an answer


class NotSent(Exception):  # noqa: N818 - named for the outcome, like `bot.errors`
    """Not a byte of the request has left."""


class NoResponse(Exception):  # noqa: N818 - named for the outcome, like `bot.errors`
    """The request left, and no whole answer came."""


class Client:
    """At most `connections` requests at a time, each on a connection of its own that is kept for the next one."""

    def __init__(self, connections: int) -> None:
        self._room = asyncio.Semaphore(connections)
        self._lines: set[Line] = set()
        self._idle: deque[Line] = deque()
        self._tls: ssl.SSLContext | None = None
        self._closed = False

    async def request(
        self,
        method: str,
        url: str,
        body: bytes | None,
        *,
        connect: float | None,
        read: float | None,
        content_type: str = "application/json",
    ) -> Response:
        """Ask; answers status and body. `connect` and `read` are seconds: to get a connection, and for the answer.

        Raises `NotSent`, `NoResponse`.
        """
        try:
            to = address(url)
        except ValueError as error:
            raise NotSent(str(error)) from None
        line = await self._line(to.origin, connect)
        timer = None if read is None else asyncio.get_running_loop().call_later(read, line.fail, "No answer in time")
        try:
            return await line.ask(_written(method, to, body, content_type))
        finally:
            if timer is not None:
                timer.cancel()
            self._give_back(line)

    async def close(self) -> None:
        """End every connection; what is under way fails."""
        self._closed = True
        for line in self._lines:
            line.fail("The connection was closed")
        await asyncio.sleep(0)  # in which the loop lets go of them

    async def _line(self, origin: Origin, seconds: float | None) -> Line:
        """A connection, and with it the right to use one of the number."""
        if not self._room.locked() and (line := self._kept(origin)) is not None:
            await self._room.acquire()  # at once
            return line
        try:
            async with asyncio.timeout(seconds):
                await self._room.acquire()
                try:
                    return self._kept(origin) or await self._connected(origin)
                except BaseException:
                    self._room.release()
                    raise
        except (OSError, UnicodeError) as error:  # a name that cannot be one is the latter
            raise NotSent(type(error).__name__) from None

    def _kept(self, origin: Origin) -> Line | None:
        """The connection that was used last: as long as one is in use, it is not the server who gives it up."""
        oldest = asyncio.get_running_loop().time() - KEEP_ALIVE
        while self._idle:
            line = self._idle.pop()
            if line.origin == origin and line.idle_since > oldest and line.ready():
                return line
            self._drop(line)
        return None

    async def _connected(self, origin: Origin) -> Line:
        loop = asyncio.get_running_loop()
        infos = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
        connection = await start_connection(infos, happy_eyeballs_delay=OTHER_FAMILY_AFTER, interleave=1)
        try:
            _, line = await loop.create_connection(
                lambda: Line(origin),
                sock=connection,
                ssl=self._verifying() if origin.tls else None,
                server_hostname=origin.host if origin.tls else None,
            )
        except BaseException:
            connection.close()
            raise
        self._lines.add(line)
        return line

    def _verifying(self) -> ssl.SSLContext:
        self._tls = self._tls or ssl.create_default_context()
        return self._tls

    def _give_back(self, line: Line) -> None:
        self._room.release()
        if line.ready() and not self._closed:
            line.idle_since = asyncio.get_running_loop().time()
            self._idle.append(line)
        else:
            self._drop(line)

    def _drop(self, line: Line) -> None:
        self._lines.discard(line)
        line.fail("The connection was given up")


def _written(method: str, to: Address, body: bytes | None, content_type: str) -> bytes:
    start = b"%b %b HTTP/1.1\r\nHost: %b\r\nUser-Agent: Pandu\r\n" % (method.encode(), to.target, to.host)
    if body is None:
        return start + b"\r\n"
    return start + b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (content_type.encode(), len(body), body)


class Line(asyncio.Protocol):
    """One connection with at most one request under way. Loop and parser report to it."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[Response] | None = None
        self._reusable = True
        self._begin()

    def ready(self) -> bool:
        """Whether a request can be made."""
        transport = self._transport
        return self._reusable and self._answer is None and transport is not None and not transport.is_closing()

    def ask(self, request: bytes) -> asyncio.Future[Response]:
        """Make a request. Raises `NotSent`, the future `NoResponse`."""
        if self._transport is None or not self.ready():
            raise NotSent("The connection has ended")
        self._answer = asyncio.get_running_loop().create_future()
        self._begin()
        self._transport.write(request)
        return self._answer

    def fail(self, why: str) -> None:
        """Give up the connection, and what is under way."""
        self._reusable = False
        if self._transport is not None:
            self._transport.abort()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(NoResponse(why))

    def _begin(self) -> None:
        self._body: list[bytes] = []
        self._size = 0
        self._headed = self._delimited = False

    def _end(self) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_result((self._parser.get_status_code(), b"".join(self._body)))

    # The loop reports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._answer is None or self._size > LARGEST:
            self.fail("An answer is too large, or nobody asked for it")
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.fail("The answer is not HTTP")

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if exc is None and self._headed and not self._delimited:
            self._end()
        self.fail("The connection has ended")

    # The parser reports

    def on_header(self, name: bytes, value: bytes) -> None:
        del value  # the parser has taken note of it
        self._delimited = self._delimited or name.lower() in DELIMITERS

    def on_headers_complete(self) -> None:
        self._headed = self._parser.get_status_code() >= FINAL

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._headed:
            self._reusable = self._parser.should_keep_alive()
            self._end()
