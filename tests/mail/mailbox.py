"""A real IMAP server on this machine (pymap), with or without TLS; tests put mails into it by IMAP, as Pandu reads."""

from __future__ import annotations

import asyncio
import imaplib
import os
import re
from argparse import Namespace
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from typing import TypeVar

from proxyprotocol.result import ProxyResultUnknown
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pysasl.hashing import Cleartext

from bot.mail.aside import aside
from tests.mail.post_office import authority, serving

T = TypeVar("T")

HOST, USER, PASSWORD = "127.0.0.1", "pandu", "p@ss/word"


class Postbox:
    """In front of the server lines can be cut: one that holds `silent_at` is never answered, and `asked` is set.

    `mute`: it takes whoever comes and says nothing at all, TLS included. `name`: whom its certificate is for.
    """

    def __init__(self, *, tls: bool = False, name: str = HOST) -> None:
        self.port = 0
        self.met = 0
        self.mute = False
        self.silent_at = b""
        self.asked = asyncio.Event()
        self._inner = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._tls = tls
        self._context = serving(name) if tls else None

    @property
    def url(self) -> str:
        return f"{'imaps' if self._tls else 'imap'}://{USER}:p%40ss%2Fword@{HOST}:{self.port}"

    def serves_as(self, name: str) -> None:
        """Change the certificate, for whoever comes from now on."""
        assert self._context is not None
        authority().issue_cert(name).configure_cert(self._context)

    async def put(self, *mails: EmailMessage | bytes) -> None:
        """Deliver mails."""

        def deliver(client: imaplib.IMAP4) -> None:
            for mail in mails:
                assert client.append("INBOX", "", "", bytes(mail))[0] == "OK"

        await self._by_imap(deliver)

    async def counts(self) -> tuple[int, int]:
        """How many mails are marked as handled, and how many there are."""

        def look(client: imaplib.IMAP4) -> tuple[int, int]:
            found = [client.search(None, which)[1][0] or b"" for which in ("SEEN", "ALL")]
            seen, every = [len(re.findall(rb"\d+", numbers)) for numbers in found]
            return seen, every

        return await self._by_imap(look)

    async def all_handled(self) -> bool:
        handled, every = await self.counts()
        return handled == every

    async def _by_imap(self, do: Callable[[imaplib.IMAP4], T]) -> T:
        def visit() -> T:
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
        os.environ.setdefault("FQDN", HOST)  # else it asks the network what this machine is called
        backend, config = await DictBackend.init(
            args, secure_auth=False, invalid_user_sleep=0.0, hash_context=Cleartext()
        )
        imap = IMAPServer(backend.login, config)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.append(writer)
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
            for writer in self._writers:
                writer.transport.abort()
            for _ in range(20):
                await asyncio.sleep(0)  # turns of the loop in which each connection ends

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        self._writers.append(writer)
        try:
            if self.mute:
                await reader.read()
                return
            if self._context is not None:
                await writer.start_tls(self._context)
            await self._talk(reader, writer)
        except OSError:  # whoever came did not trust us, or left
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection(HOST, self._inner)
        back = asyncio.create_task(_pump(theirs, writer))
        try:
            while line := await reader.readline():
                if self.silent_at and self.silent_at in line:
                    self.asked.set()
                    continue
                ours.write(line)
        finally:
            back.cancel()
            ours.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()
