"""The HTTP client against servers that say exactly what a test wants, on real sockets."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.telegram import http
from bot.telegram.http import Client, NoResponse, NotSent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

HEAD_END = b"\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
WAIT, CLOSE = b"<wait>", b"<close>"  # what a server may do beside writing


class Server:
    """Writes the next of `says` for each request, piece by piece; the last one again and again."""

    def __init__(self, *says: tuple[bytes, ...]) -> None:
        self._says = says
        self.heard: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(HEAD_END)
                length = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
                self.heard.append(head + await reader.readexactly(int(length or 0)))
                for piece in self._says[min(len(self.heard), len(self._says)) - 1]:
                    if piece == WAIT:
                        await reader.read(1)
                    elif piece == CLOSE:
                        return
                    else:
                        writer.write(piece)
                        await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has left
        finally:
            writer.close()


@asynccontextmanager
async def serving(*says: tuple[bytes, ...], tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(*says)
    listening = await asyncio.start_server(server.serve, "localhost", 0, ssl=tls)
    server.url = f"{'https' if tls else 'http'}://localhost:{listening.sockets[0].getsockname()[1]}/bot1:t/getMe"
    try:
        yield server
    finally:
        listening.close()


@asynccontextmanager
async def client(connections: int = 4) -> AsyncIterator[Ask]:
    one = Client(connections)
    try:
        yield Ask(one)
    finally:
        await one.close()


class Ask:
    """Asks with what most tests ask with."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def __call__(
        self, url: str, body: bytes | None = b"{}", *, connect: float = 5.0, read: float = 5.0
    ) -> tuple[int, bytes]:
        return await self.client.request("POST", url, body, connect=connect, read=read)


async def test_a_request_is_what_the_standard_says() -> None:
    async with serving((OK,)) as server, client() as ask:
        assert await ask(server.url + "?a=b", b'{"x":1}') == (200, b"ok")
        await ask.client.request("GET", server.url, None, connect=5, read=5)
        await ask.client.request("POST", server.url, b"x", connect=5, read=5, content_type="text/plain")

    host = server.url.split("/")[2].encode()
    assert server.heard == [
        b"POST /bot1:t/getMe?a=b HTTP/1.1\r\nHost: " + host + b"\r\nUser-Agent: Pandu\r\n"
        b'Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{"x":1}',
        b"GET /bot1:t/getMe HTTP/1.1\r\nHost: " + host + b"\r\nUser-Agent: Pandu\r\n\r\n",
        b"POST /bot1:t/getMe HTTP/1.1\r\nHost: " + host + b"\r\nUser-Agent: Pandu\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx",
    ]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("says", "answer", "kept"),
    [
        ((OK,), (200, b"ok"), True),
        ((CHUNKED,), (200, b"abcde"), True),
        (tuple(CHUNKED[i : i + 1] for i in range(len(CHUNKED))), (200, b"abcde"), True),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), (204, b""), True),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", OK), (200, b"ok"), True),
        ((b"HTTP/1.1 409 Conflict\r\nconnection: close\r\nContent-Length: 1\r\n\r\nx",), (409, b"x"), False),
        ((b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",), (200, b"x"), False),
        ((b"HTTP/1.1 200 OK\r\n\r\nuntil ", b"the end", CLOSE), (200, b"until the end"), False),
    ],
)
async def test_each_shape_of_an_answer(says: tuple[bytes, ...], answer: tuple[int, bytes], *, kept: bool) -> None:
    async with serving(says) as server, client() as ask:
        assert [await ask(server.url), await ask(server.url)] == [answer, answer]

    assert server.connections == (1 if kept else 2)


@pytest.mark.parametrize(
    "says",
    [
        (CLOSE,),
        (b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", CLOSE),
        (CHUNKED[:-9], CLOSE),
        (b"HTTP/1.1 100 Continue\r\n\r\n", CLOSE),
        (b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", WAIT),
        (b"SSH-2.0-OpenSSH\r\n", WAIT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", WAIT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + bytes(2000), WAIT),
        (WAIT,),
    ],
)
async def test_no_whole_answer_leaves_it_open(says: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST", 1000)
    async with serving(says, (OK,)) as server, client() as ask:
        with pytest.raises(NoResponse):
            await ask(server.url, read=0.2)
        assert await ask(server.url) == (200, b"ok")

    assert server.connections == 2


async def test_what_nobody_asked_for_is_nobodys_answer() -> None:
    async with serving((OK, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"), (OK,)) as server, client() as ask:
        assert await ask(server.url) == (200, b"ok")
        await asyncio.sleep(0.02)
        assert await ask(server.url) == (200, b"ok")


async def test_a_request_that_is_given_up_leaves_no_answer_to_the_next() -> None:
    async with serving((WAIT, OK), (OK,)) as server, client(1) as ask:
        first = asyncio.create_task(ask(server.url))
        while not server.heard:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.001)
        first.cancel()
        await asyncio.wait({first})
        assert await ask(server.url) == (200, b"ok")

    assert (first.cancelled(), server.connections) == (True, 2)


async def test_an_old_connection_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "KEEP_ALIVE", 0.0)
    async with serving((OK,)) as server, client() as ask:
        await ask(server.url)
        await ask(server.url)

    assert server.connections == 2


async def test_a_connection_that_has_ended_is_noticed() -> None:
    async with serving((OK, CLOSE)) as server, client() as ask:
        for _ in range(20):
            assert await ask(server.url) == (200, b"ok")
            await asyncio.sleep(0.002)


async def test_a_connection_leads_to_one_server() -> None:
    async with serving((OK,)) as one, serving((OK,)) as other, client() as ask:
        for server in (one, other, one):
            await ask(server.url)

    assert (len(one.heard), len(other.heard)) == (2, 1)


async def test_more_requests_than_connections_wait_for_each_other() -> None:
    async with serving((OK,)) as server, client(2) as ask:
        await asyncio.gather(*(ask(server.url) for _ in range(50)))

    assert (len(server.heard), server.connections) == (50, 2)


async def test_who_waits_too_long_for_a_connection_has_sent_nothing() -> None:
    async with serving((WAIT,)) as server, client(1) as ask:
        first = asyncio.create_task(ask(server.url, read=0.2))
        await asyncio.sleep(0)
        with pytest.raises(NotSent):
            await ask(server.url, connect=0.05)
        with pytest.raises(NoResponse):
            await first

    assert len(server.heard) == 1


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "http:///x",
        "http://[::1/x",
        "http://host:x/",
        "http://h/a b",
        "http://h/a\r\nX: y",
        "http://" + "a" * 64,
    ],
)
async def test_an_address_that_cannot_be_asked(url: str) -> None:
    async with client() as ask:
        with pytest.raises(NotSent) as error:
            await ask(url)

    assert url not in str(error.value)
    assert error.value.__cause__ is None


async def test_what_is_under_way_fails_when_the_client_is_closed() -> None:
    async with serving((WAIT,)) as server, client() as ask:
        under_way = asyncio.create_task(ask(server.url))
        while not server.heard:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.001)
        await ask.client.close()
        with pytest.raises(NoResponse):
            await under_way


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that nobody has signed, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    file = tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ("-addext", "subjectAltName=DNS:localhost", "-keyout", str(file), "-out", str(tmp_path / "public.pem"))
    subprocess.run([*command.split(), *names], check=True, capture_output=True)  # noqa: S603 - ours
    file.write_bytes(file.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return file


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_server_proves_who_it_is(certificate: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving((OK,), tls=tls) as server, client() as ask:
        if trusted:
            assert [await ask(server.url), await ask(server.url)] == [(200, b"ok"), (200, b"ok")]
        else:
            with pytest.raises(NotSent):
                await ask(server.url)

    assert len(server.heard) == (2 if trusted else 0)


async def test_a_certificate_is_for_one_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving((OK,), tls=tls) as server, client() as ask:
        with pytest.raises(NotSent):
            await ask(server.url.replace("localhost", "127.0.0.1"))

    assert not server.heard
