"""One connection to a mail server: where it is, how it is made safe, and what its answers mean.

    smtps://user:password@host:465   TLS from the first byte
    smtp://user:password@host:587    STARTTLS, which must be offered; on this machine alone a plain connection

What goes wrong is told apart by when: until the text has left, nothing was carried out.
A server's answer often quotes an address, so of it only the numbers are kept.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.errors import Refused, TryLater, Unknown
from bot.mail.letter import Sealed

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TLS_PORT, STARTTLS_PORT = 465, 587
AMISS_WAIT = 300.0  # seconds between attempts while the operator has to correct something
LAST_WORDS = 2.0  # seconds for the goodbye, whose answer nobody needs
SIGN_IN_REFUSED = frozenset({530, 534, 535, 538})  # RFC 4954 §6
SENDER_REFUSED = frozenset({550, 551, 553, 554})
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")  # RFC 3463 §2
PERMANENT = 500


class Amiss(TryLater):
    """No mail will be taken until the operator has corrected something; the message says what."""

    def __init__(self, message: str) -> None:
        super().__init__(message, after=AMISS_WAIT, reached=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. `tls`: from the first byte; `start_tls`: on the way, and never without."""

    host: str
    port: int
    tls: bool
    start_tls: bool
    user: str | None
    password: str
    context: ssl.SSLContext | None

    @classmethod
    def at(cls, url: str, context: ssl.SSLContext | None = None) -> Self:
        """Read an address. A context that is given is used on this machine as well."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        tls = parts.scheme == "smtps"
        start_tls = not tls and (context is not None or host not in LOOPBACK)
        return cls(
            host=host,
            port=parts.port or (TLS_PORT if tls else STARTTLS_PORT),
            tls=tls,
            start_tls=start_tls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password or ""),
            context=context or (ssl.create_default_context() if tls or start_tls else None),
        )

    @asynccontextmanager
    async def signed_in(self, called: str, seconds: float) -> AsyncIterator[aiosmtplib.SMTP]:
        """Be connected, encrypted and known to the server, which takes `seconds` at most. Raises `TryLater`.

        `called` is the name under which we greet.
        """
        client = aiosmtplib.SMTP(
            hostname=self.host, port=self.port, use_tls=self.tls, start_tls=False, tls_context=self.context,
            timeout=seconds, local_hostname=called,
        )  # fmt: skip
        try:
            with _before_the_text(self.host):
                async with asyncio.timeout(seconds):
                    await self._sign_in(client)
            yield client
            await _take_leave(client)
        finally:
            client.close()

    async def _sign_in(self, client: aiosmtplib.SMTP) -> None:
        await client.connect()
        await client.ehlo()
        if self.start_tls:
            if not client.supports_extension("starttls"):
                raise Amiss(
                    f"{self.host} offers no STARTTLS, and nothing is sent in clear. "
                    "Use smtps:// in PANDU_SMTP_URL, or ask whoever runs the server for its port with TLS."
                )
            await client.starttls()
            await client.ehlo()
        if self.user is not None:
            if not client.supported_auth_methods:
                raise Amiss(f"{self.host} takes no user and password here. Correct port or user in PANDU_SMTP_URL.")
            await client.login(self.user, self.password)


async def hand_over(client: aiosmtplib.SMTP, host: str, mail: Sealed, *, ready: float, taken: float) -> None:
    """Give a mail to the server: `ready` seconds until it wants the text, `taken` seconds for taking it.

    Raises `TryLater`, `Unknown`, `Refused`.
    """
    with _before_the_text(host):
        async with asyncio.timeout(ready):
            await client.mail(mail.sender)
            for recipient in mail.recipients:
                await client.rcpt(recipient)
    try:
        async with asyncio.timeout(taken):
            await client.data(mail.content)
    except aiosmtplib.SMTPDataError as error:
        raise _answered("the letter", error) from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise Unknown(f"No answer whether the letter was taken ({type(error).__name__})") from None


@contextmanager
def _before_the_text(host: str) -> Iterator[None]:
    """Say what an error means that came before the text was sent: nothing has been carried out."""
    try:
        yield
    except aiosmtplib.SMTPAuthenticationError as error:
        if error.code < PERMANENT:
            raise _answered("user and password", error) from None
        raise Amiss(
            f"{host} refuses user or password ({_numbers(error)}). Correct them in PANDU_SMTP_URL; "
            "signs such as @ or / in them are written as %40 or %2F."
        ) from None
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused) as error:
        if error.code in SIGN_IN_REFUSED:
            raise Amiss(f"{host} wants user and password ({_numbers(error)}): put them into PANDU_SMTP_URL.") from None
        if isinstance(error, aiosmtplib.SMTPRecipientRefused):
            raise _answered("a recipient", error) from None
        if error.code in SENDER_REFUSED:
            raise Amiss(f"{host} does not take this sender ({_numbers(error)}). Correct PANDU_MAIL_FROM.") from None
        raise _answered("the sender", error) from None
    except aiosmtplib.SMTPResponseException as error:  # greeting, EHLO, STARTTLS: about us, not about this letter
        raise TryLater(f"{host} does not serve now ({_numbers(error)})", after=None, reached=True) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        if (certificate := _certificate(error)) is not None:
            raise Amiss(_untrusted(host, certificate)) from None
        raise TryLater(f"{host} cannot be reached ({type(error).__name__})", after=None, reached=False) from None


def _answered(what: str, error: aiosmtplib.SMTPResponseException) -> TryLater | Refused:
    """Say what a refusal of one letter means, by its class (RFC 5321 §4.2.1)."""
    if error.code >= PERMANENT:
        return Refused(f"The server does not take {what} ({_numbers(error)})")
    return TryLater(f"The server does not take {what} now ({_numbers(error)})", after=None, reached=True)


def _numbers(error: aiosmtplib.SMTPResponseException) -> str:
    enhanced = ENHANCED.search(str(error.message))
    return f"{error.code} {enhanced.group()}" if enhanced else f"{error.code}"


def _certificate(error: BaseException) -> ssl.SSLError | None:
    """Find the TLS error behind an error."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLError):
            return link
        link = link.__cause__
    return None


def _untrusted(host: str, error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {host} cannot be trusted ({error.verify_message}). Use the name that stands in it in "
            "PANDU_SMTP_URL, or add its authority to this machine's certificates."
        )
    reason = error.reason or type(error).__name__
    return (
        f"{host} speaks no TLS here ({reason}). Take smtps:// for port 465 and smtp:// for port 587 in PANDU_SMTP_URL."
    )


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    try:
        async with asyncio.timeout(LAST_WORDS):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        pass  # the letter is taken; how the server hangs up is its own affair
