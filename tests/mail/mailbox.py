"""A real IMAP server on this machine (pymap), into which tests put mails; they speak IMAP with it as Pandu does."""

from __future__ import annotations

import asyncio
import imaplib
import re
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage

from proxyprotocol.result import ProxyResultUnknown
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

from bot.mail.aside import aside

HOST, USER, PASSWORD = "127.0.0.1", "pandu", "p@ss/word"


class Postbox:
    """In front of the server lines can be cut: one that holds `silent_at` is never answered, and `asked` is set."""

    def __init__(self) -> None:
        self.port = 0
        self.met = 0
        self.silent_at = b""
        self.asked = asyncio.Event()
        self._inner = 0

    @property
    def url(self) -> str:
        return f"imap://{USER}:p%40ss%2Fword@{HOST}:{self.port}"

    async def put(self, *mails: EmailMessage | bytes) -> None:
        """Deliver mails."""
        for mail in mails:
            await self._by_imap(lambda client, raw=bytes(mail): client.append("INBOX", "", "", raw))  # type: ignore[misc]

    async def counts(self) -> tuple[int, int]:
        """How many mails are marked as handled, and how many there are."""
        seen = await self._by_imap(lambda client: client.search(None, "SEEN")[1][0])
        every = await self._by_imap(lambda client: client.search(None, "ALL")[1][0])
        return len(re.findall(rb"\d+", seen)), len(re.findall(rb"\d+", every))

    async def _by_imap(self, do: Callable[[imaplib.IMAP4], bytes]) -> bytes:
        def visit() -> bytes:
            with imaplib.IMAP4(HOST, self._inner, 10) as client:
                client.login(USER, PASSWORD)
                client.select("INBOX")
                return do(client)

        return await aside(visit)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Postbox]:
        args = Namespace(
            host=HOST, port=0, debug=False, cert=None, key=None, tls=False, passlib_cfg=None, proxy_protocol=None,
            demo_data=False, demo_user=USER, demo_password=PASSWORD,
        )  # fmt: skip
        backend, config = await DictBackend.init(args, secure_auth=False, invalid_user_sleep=0.0)
        imap = IMAPServer(backend.login, config)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError, asyncio.CancelledError):
                await imap(reader, writer, SocketInfo.get(writer, ProxyResultUnknown()))

        inner = await asyncio.start_server(serve, HOST, 0)
        front = await asyncio.start_server(self._line, HOST, 0)
        self._inner, self.port = inner.sockets[0].getsockname()[1], front.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            front.close()
            inner.close()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        theirs, ours = await asyncio.open_connection(HOST, self._inner)
        back = asyncio.create_task(_pump(theirs, writer))
        try:
            while line := await reader.readline():
                if self.silent_at and self.silent_at in line:
                    self.asked.set()
                    continue
                ours.write(line)
        except ConnectionError:
            pass
        finally:
            back.cancel()
            ours.close()
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()
