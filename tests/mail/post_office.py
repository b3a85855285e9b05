"""A real SMTP server on this machine, with or without TLS, that misbehaves as a test tells it."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from functools import cache
from typing import Literal, TypeAlias

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
USER, PASSWORD = "pandu@kota.example", "p@ss/word"  # both need escaping in an address

Stage: TypeAlias = Literal["mail", "rcpt", "data"]
TAKEN_AND_SILENT = "taken, and then no answer"
TAKEN_AND_GONE = "taken, and then the connection is torn down"


@cache
def authority() -> trustme.CA:
    return trustme.CA()


def trusting() -> ssl.SSLContext:
    """What a client needs that trusts the certificates of these tests."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context


def serving(name: str = HOST) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority().issue_cert(name).configure_cert(context)
    return context


class Line(SMTP):
    """One connection, which remembers all transports it had: a failed handshake leaves the lower one behind."""

    transports: list[asyncio.BaseTransport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not hasattr(self, "transports"):
            self.transports = []
        self.transports.append(transport)
        super().connection_made(transport)


class PostOffice:
    """`answers` are given in turn at their stage, then 250; `taken` holds every mail that was kept."""

    def __init__(
        self, *, tls: Literal["never", "offered", "at once"] = "never", name: str = HOST, asks_who: bool = False
    ) -> None:
        self.answers: dict[Stage, list[str]] = defaultdict(list)
        self.taken: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.met = 0
        self.port = 0
        self._tls = tls
        self._context = None if tls == "never" else serving(name)
        self._asks_who = asks_who
        self._server: asyncio.Server | None = None
        self._lines: list[Line] = []

    @property
    def url(self) -> str:
        who = (
            f"{USER.replace('@', '%40')}:{PASSWORD.replace('@', '%40').replace('/', '%2F')}@" if self._asks_who else ""
        )
        return f"{'smtps' if self._tls == 'at once' else 'smtp'}://{who}{HOST}:{self.port}"

    async def open(self) -> None:
        context = self._context if self._tls == "at once" else None
        self._server = await asyncio.get_running_loop().create_server(self._line, HOST, self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for line in self._lines:
            for transport in getattr(line, "transports", []):
                if isinstance(transport, asyncio.Transport):
                    transport.abort()
        await self._server.wait_closed()
        self._server = None
        for _ in range(20):
            await asyncio.sleep(0)  # turns of the loop in which each connection, and what is below its TLS, ends

    def _line(self) -> Line:
        self.met += 1
        line = Line(
            self,
            hostname="post.kota.example",
            tls_context=self._context if self._tls == "offered" else None,
            authenticator=_knows if self._asks_who else None,
            auth_required=self._asks_who and self._tls == "offered",
            auth_require_tls=self._tls == "offered",
        )
        self._lines.append(line)
        return line

    def _answer(self, stage: Stage) -> str:
        return self.answers[stage].pop(0) if self.answers[stage] else "250 2.0.0 OK"

    async def handle_MAIL(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("mail")

    async def handle_RCPT(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self._answer("rcpt")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        answer = self._answer("data")
        if not answer.startswith(("4", "5")):
            content = envelope.content
            assert isinstance(content, bytes)
            message = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append(message)
            self.envelopes.append(envelope)
            self.encrypted.append(session.ssl is not None or self._tls == "at once")
        if answer == TAKEN_AND_SILENT:
            await asyncio.Event().wait()
        if answer == TAKEN_AND_GONE and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return answer


def _knows(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
    known = data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=True) if known else AuthResult(success=False, handled=False)


@asynccontextmanager
async def opened(post: PostOffice) -> AsyncIterator[PostOffice]:
    await post.open()
    try:
        yield post
    finally:
        await post.close()
