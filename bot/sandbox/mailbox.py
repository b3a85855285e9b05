"""A mail server for this machine alone: it takes every mail and delivers none."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.clock import Clock
from bot.sandbox.errors import PortTaken
from bot.sandbox.faults import MailFault, MailFaults

KEPT = 200
MAX_BYTES = 25 * 1024 * 1024
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Mail:
    """`sender` and `recipients` as on the envelope; `at` is an aware moment in UTC of the sandbox's clock.

    `files` are what it encloses: name and bytes of each.
    """

    number: int
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    headers: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, int], ...] = ()


class Mailbox:
    """Keeps the last mails, newest last; `on_mail` is called after each."""

    def __init__(self, clock: Clock, on_mail: Callable[[], None]) -> None:
        self._clock = clock
        self._on_mail = on_mail
        self._mails: deque[Mail] = deque(maxlen=KEPT)
        self._received = 0
        self._server: asyncio.Server | None = None
        self._connections: set[SMTP] = set()
        self._port = 0
        self.faults = MailFaults()

    @property
    def mails(self) -> tuple[Mail, ...]:
        return tuple(self._mails)

    @property
    def port(self) -> int:
        if not self._port:
            raise RuntimeError("The mailbox is not open.")
        return self._port

    async def open(self, port: int) -> None:
        """Listen on this machine; port 0 takes a free one.

        Raises:
            PortTaken: Another program listens there.

        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._connect, HOST, port)
        except OSError as error:
            raise PortTaken(port, "--smtp-port") from error
        self._port = self._server.sockets[0].getsockname()[1]

    async def fail(self, fault: MailFault) -> None:
        """Let the next mails meet a fault."""
        self.faults.add(fault)
        if fault.answer == "down":
            await self.close()

    async def heal(self) -> None:
        """Take all faults away; whoever was down listens again, at the same port."""
        self.faults.clear()
        if self._server is None:
            await self.open(self._port)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            for connection in self._connections:
                if connection.transport is not None:
                    connection.transport.close()
            await self._server.wait_closed()
            self._server = None
            self._connections.clear()

    def _connect(self) -> SMTP:
        self._connections = {connection for connection in self._connections if connection.transport is not None}
        connection = SMTP(
            self, hostname="localhost", ident="Pandu sandbox", enable_SMTPUTF8=True, data_size_limit=MAX_BYTES
        )
        self._connections.add(connection)
        return connection

    async def handle_MAIL(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._strike("mail", server)
        if refusal is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return refusal or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = await self._strike("rcpt", server)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        fault = self.faults.strike("data")
        if fault is not None and fault.answer == "error":
            return _refusal(fault)
        self._keep(envelope)
        await _suffer(fault, server)
        return "250 2.0.0 OK: kept in the sandbox"

    async def _strike(self, stage: str, server: SMTP) -> str | None:
        """What a fault answers at this stage, if there is one."""
        fault = self.faults.strike(stage)
        await _suffer(fault, server)
        return _refusal(fault) if fault is not None and fault.answer == "error" else None

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content or b""
        message = email.message_from_bytes(
            content if isinstance(content, bytes) else content.encode(), policy=email.policy.default
        )
        body = message.get_body(("plain", "html"))
        self._received += 1
        self._mails.append(
            Mail(
                number=self._received,
                at=self._clock.now(),
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                subject=str(message.get("subject", "")),
                text=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
                headers=tuple((name, str(value)) for name, value in message.items()),
                files=tuple(
                    (part.get_filename() or "", len(part.get_payload(decode=True) or b""))
                    for part in message.iter_attachments()
                ),
            )
        )
        self._on_mail()


async def _suffer(fault: MailFault | None, server: SMTP) -> None:
    if fault is None:
        return
    if fault.answer == "silence":
        await asyncio.sleep(fault.seconds)
    if fault.answer == "reset" and isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def _refusal(fault: MailFault) -> str:
    return f"{fault.code} {fault.code // 100}.0.0 The sandbox was told to refuse"
