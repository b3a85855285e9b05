"""Hands the letters of the outbox to a mail server; see `bot.delivery.Sender`."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING

from bot.delivery import Sent
from bot.errors import DeliveryError, Refused, TryLater
from bot.mail.enclosures import Fetch, enclosed
from bot.mail.letter import read_letter, seal
from bot.mail.server import Amiss, Server, hand_over

if TYPE_CHECKING:
    import ssl

    from bot.clock import Clock
    from bot.delivery import Pause
    from storage.records import Outgoing

log = logging.getLogger(__name__)

CONNECTIONS = 4  # at a time; what servers grant to one client
BUSY_WAIT = 1.0  # seconds until a letter is tried again that found all of them in use


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to fetch what goes with a letter, to be signed in, until the server wants the text, and for taking it.

    Together less than LONGEST_SEND.
    """

    fetch: float = 12.0
    sign_in: float = 12.0
    ready: float = 8.0
    taken: float = 25.0


class MailSender:
    """One mail server at `url` (smtp:// or smtps://, with user and password) and one sender, `mail_from`.

    A connection a letter: there are few of them. What the operator has to correct opens the pause, is logged once, and
    costs no letter. `tls_context` trusts other certificates than the machine does. `fetch` gives the files of a letter.
    """

    def __init__(
        self,
        url: str,
        mail_from: str,
        clock: Clock,
        *,
        pause: Pause,
        fetch: Fetch | None = None,
        tls_context: ssl.SSLContext | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self._server = Server.at(url, tls_context)
        self._mail_from = mail_from
        self._clock = clock
        self._pause = pause
        self._fetch = fetch
        self._patience = patience
        self._under_way = 0
        self._trouble = ""  # what the operator was told

    @property
    def pause(self) -> Pause:
        return self._pause

    async def send(self, row: Outgoing, message_id: int | None = None) -> Sent:
        """Hand over the letter of one row. Raises a `DeliveryError`; `message_id` is Telegram's affair."""
        del message_id
        letter, patience = read_letter(row.payload), self._patience
        if self._under_way >= CONNECTIONS:
            raise TryLater("Other letters are on their way", after=BUSY_WAIT, reached=False)
        self._under_way += 1
        try:
            letter, files = await enclosed(letter, self._fetch, attempts=row.attempts, seconds=patience.fetch)
            mail = seal(letter, self._mail_from, self._clock.now(), files)
            async with self._server.signed_in(domain_of(self._mail_from), patience.sign_in) as client:
                await hand_over(client, self._server.host, mail, ready=patience.ready, taken=patience.taken)
        except DeliveryError as error:
            self._watch(error)
            raise
        finally:
            self._under_way -= 1
        self._watch(None)
        return Sent(None)

    def _watch(self, error: DeliveryError | None) -> None:
        """Tell the operator once when no mail is taken any more, and once when it is again."""
        match error:
            case Amiss():
                self._pause.extend(error.after or 0.0)
                self._tell(logging.ERROR, f"No mail leaves, all of it stays queued: {error}")
            case TryLater(reached=False):
                self._tell(logging.WARNING, f"No mail leaves for now: {error}")
            case None | Refused() if self._trouble:
                self._trouble = ""
                log.info("Mail leaves again")
            case _:
                pass

    def _tell(self, level: int, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            log.log(level, "%s", trouble)


async def check(
    url: str, mail_from: str, *, tls_context: ssl.SSLContext | None = None, seconds: float = Patience().sign_in
) -> None:
    """See whether the server can be reached, is encrypted, and knows us; no mail is sent.

    Raises a `DeliveryError`, whose message says what to do.
    """
    async with Server.at(url, tls_context).signed_in(domain_of(mail_from), seconds):
        pass


def domain_of(mail_from: str) -> str:
    """The domain of a sender such as `Diskominfo <diskominfo@example.go.id>`."""
    return parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
