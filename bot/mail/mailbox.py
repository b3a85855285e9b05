"""One visit to a mailbox by IMAP (RFC 3501): what lies there, and that it was handled. It blocks: for `aside`.

    imaps://user:password@host:993/Folder   TLS from the first byte; without a folder it is INBOX
    imap://user:password@localhost:143      a plain connection, on this machine alone

What was handled carries the keyword `$PanduHandled` where the server keeps keywords, so that people may read the
mailbox beside us; else it is marked as seen. Nothing is ever moved or deleted. What servers say often quotes an
address, so nothing of it is kept.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Self, TypeAlias
from urllib.parse import unquote, urlsplit

from bot.errors import TryLater
from bot.mail.incoming import LARGEST
from bot.mail.server import Amiss

TLS_PORT, PLAIN_PORT = 993, 143
INBOX = "INBOX"
KEYWORD = "$PanduHandled"
SEEN = r"\Seen"
LOOKS_BACK = timedelta(days=30)
"""What has lain there for longer is let be: nobody answers a letter after that, and folders are full of old mail."""

_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_NOT_NOW = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b", re.IGNORECASE)  # RFC 5530

_NONSENSE = (ValueError, LookupError, AttributeError, TypeError)  # what imaplib raises at an answer that makes no sense

Answer: TypeAlias = "tuple[str, list[Any]]"
"""What imaplib makes of one: OK, NO or BAD, and lines, or pairs of a line and what follows it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is, and who opens it."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    context: ssl.SSLContext | None

    @classmethod
    def at(cls, url: str, context: ssl.SSLContext | None = None) -> Self:
        parts = urlsplit(url)
        tls = parts.scheme == "imaps"
        return cls(
            host=parts.hostname or "",
            port=parts.port or (TLS_PORT if tls else PLAIN_PORT),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or INBOX,
            context=(context or ssl.create_default_context()) if tls else None,
        )


@dataclass(frozen=True, slots=True)
class Lying:
    """A mail that was not handled yet: the folder's own number of it, unique with `validity`, and its size in bytes."""

    validity: str
    uid: str
    size: int

    @property
    def key(self) -> str:
        return f"mail:{self.validity}:{self.uid}"


class Mailbox:
    """A connection; every step takes `seconds` at most. Raises `TryLater`, and `Amiss` for what the operator mends."""

    def __init__(self, place: Place, seconds: float) -> None:
        self._place, self._seconds = place, seconds
        self._client: imaplib.IMAP4 | None = None
        self._at_work, self._over = Lock(), False
        self._validity = "0"
        self.mark_used = SEEN

    def open(self) -> None:
        """Connect, sign in and select the folder."""
        with self._step():
            client = self._client = self._connected()
            _sign_in(client, self._place)
            self._select(client)

    def lying(self, now: datetime, most: int) -> tuple[list[Lying], bool]:
        """The oldest mails that were not handled yet, `most` of them; and whether there are more."""
        unhandled = f"UNKEYWORD {KEYWORD}" if self.mark_used == KEYWORD else "UNSEEN"
        day = imaplib.Time2Internaldate(now - LOOKS_BACK)[1:12].strip()  # the months in English, whatever the locale
        found = self._ask(lambda client: client.uid("SEARCH", f"{unhandled} SINCE {day}"))
        uids = sorted((uid.decode() for uid in (found[0] or b"").split() if uid.isdigit()), key=int)
        some = uids[:most]
        if not some:
            return [], False
        lines = self._ask(lambda client: client.uid("FETCH", ",".join(some), "(UID RFC822.SIZE)"))
        sizes = dict(_sizes(lines))
        return [Lying(self._validity, uid, sizes[uid]) for uid in some if uid in sizes], len(uids) > most

    def content(self, mail: Lying) -> bytes | None:
        """A mail as it came; None: somebody took it away. It is not marked as seen by this."""
        parts = self._ask(lambda client: client.uid("FETCH", mail.uid, f"(BODY.PEEK[]<0.{LARGEST + 1}>)"))
        return next((part[1] for part in parts if isinstance(part, tuple)), None)

    def mark(self, mail: Lying) -> None:
        """Note at the server that it was handled."""
        self._ask(lambda client: client.uid("STORE", mail.uid, "+FLAGS.SILENT", f"({self.mark_used})"))

    def close(self) -> None:
        """Take leave; how the server hangs up is its own affair."""
        if self._client is not None:
            with suppress(TryLater), self._step():
                self._client.logout()

    def abort(self) -> None:
        """Tear the connection down, from whichever thread: who waits for an answer in another one gets an error."""
        self._over = True
        if self._client is None:
            return
        with suppress(OSError):
            self._client.sock.shutdown(socket.SHUT_RDWR)
        if self._at_work.acquire(blocking=False):  # else whoever is at work leaves in order
            self._at_work.release()
            self._leave(self._client)

    @contextmanager
    def _step(self) -> Iterator[None]:
        try:
            with self._at_work, _plainly(self._place.host):
                yield
        finally:
            if self._over and self._client is not None:
                self._leave(self._client)

    @staticmethod
    def _leave(client: imaplib.IMAP4) -> None:
        with suppress(OSError):
            client.shutdown()

    def _connected(self) -> imaplib.IMAP4:
        place = self._place
        if place.context is None:
            return imaplib.IMAP4(place.host, place.port, self._seconds)
        return imaplib.IMAP4_SSL(place.host, place.port, ssl_context=place.context, timeout=self._seconds)

    def _select(self, client: imaplib.IMAP4) -> None:
        folder, host = self._place.folder, self._place.host
        try:
            said, _ = client.select(_quoted(folder))
        except imaplib.IMAP4.readonly:
            said = "READ-ONLY"
        if said == "READ-ONLY":
            raise Amiss(
                f"The folder {folder} at {host} can only be read, so what was handled cannot be marked. Let the user "
                "of PANDU_IMAP_URL change it."
            )
        if said != "OK":
            raise Amiss(f"{host} has no folder {folder}, or does not open it. Correct the folder in PANDU_IMAP_URL.")
        self._validity = _number(client.response("UIDVALIDITY"))
        kept = b" ".join(line for line in client.response("PERMANENTFLAGS")[1] if isinstance(line, bytes)).lower()
        self.mark_used = KEYWORD if rb"\*" in kept or KEYWORD.lower().encode() in kept else SEEN

    def _ask(self, ask: Callable[[imaplib.IMAP4], Answer]) -> list[Any]:
        host, client = self._place.host, self._client
        if client is None:
            raise TryLater(f"{host} is not open", after=None, reached=False)
        with self._step():
            said, lines = ask(client)
        if said != "OK":
            raise TryLater(f"{host} does not do what it was asked ({said})", after=None, reached=True)
        return lines


def look(url: str, *, context: ssl.SSLContext | None = None, seconds: float) -> str:
    """See whether mail can be read; answers how what was handled is marked. Raises as `Mailbox` does."""
    mailbox = Mailbox(Place.at(url, context), seconds)
    try:
        mailbox.open()
        mailbox.close()
    finally:
        mailbox.abort()
    return mailbox.mark_used


def _sign_in(client: imaplib.IMAP4, place: Place) -> None:
    if "LOGINDISABLED" in client.capabilities and "AUTH=PLAIN" not in client.capabilities:
        raise Amiss(f"{place.host} takes no user and password here. Use imaps:// in PANDU_IMAP_URL.")
    try:
        if "AUTH=PLAIN" in client.capabilities:  # RFC 4616: the only one that knows more than ASCII
            client.authenticate("PLAIN", lambda _: f"\0{place.user}\0{place.password}".encode())
        else:
            client.login(_quoted(place.user), place.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if _NOT_NOW.search(str(error)):
            raise TryLater(f"{place.host} signs nobody in now", after=None, reached=True) from None
        raise Amiss(
            f"{place.host} refuses user or password. Correct them in PANDU_IMAP_URL; signs such as @ or / in them are "
            "written as %40 or %2F, and some servers want a password made for programs."
        ) from None


@contextmanager
def _plainly(host: str) -> Iterator[None]:
    """Say what went wrong with a connection, and what to do."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Amiss(
            f"The certificate of {host} cannot be trusted ({error.verify_message}). Use the name that stands in it in "
            "PANDU_IMAP_URL, or add its authority to this machine's certificates."
        ) from None
    except ssl.SSLError as error:
        if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            raise TryLater(f"{host} cannot be reached ({type(error).__name__})", after=None, reached=False) from None
        raise Amiss(f"{host} speaks no TLS here ({error.reason}). Take its port with TLS, mostly 993.") from None
    except (imaplib.IMAP4.error, OSError, EOFError, *_NONSENSE) as error:
        raise TryLater(f"{host} cannot be reached ({type(error).__name__})", after=None, reached=False) from None


def _quoted(text: str) -> str:
    """A string of the protocol, RFC 3501 §4.3."""
    return '"{}"'.format(text.replace("\\", r"\\").replace('"', r"\""))


def _number(answer: tuple[str, Sequence[object]]) -> str:
    found = next((line for line in answer[1] if isinstance(line, bytes) and line.isdigit()), b"0")
    return found.decode()


def _sizes(lines: Sequence[object]) -> Iterator[tuple[str, int]]:
    for line in lines:
        text = line[0] if isinstance(line, tuple) else line
        if isinstance(text, bytes) and (uid := _UID.search(text)) and (size := _SIZE.search(text)):
            yield uid[1].decode(), int(size[1])
