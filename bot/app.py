"""The composition root: the one place where the parts are put together and run."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from bot import catalogs
from bot.by_link import LinkDesk
from bot.by_mail import MailDesk
from bot.clock import SystemClock
from bot.commands import Commands, Office
from bot.delivery import Pause, Sender
from bot.errors import DeliveryError, Fatal, TryLater
from bot.intake import Intake
from bot.mail.intake import MailIntake
from bot.mail.sender import MailSender
from bot.relay import Rates, Relay
from bot.settings import WrongSetting
from bot.telegram.decode import ALLOWED_UPDATES, decode
from bot.telegram.sender import TelegramSender
from bot.turn import Turn
from bot.upkeep import Alarms, Housekeeping, Watchdog
from conversations.advance import Guide
from conversations.cards import commands_for
from conversations.events import Pressed
from conversations.people import ANYONE
from conversations.service import Service, ServiceError, read_service
from conversations.text import Text
from storage import Store
from storage.records import Channel
from storage.sealing import Ring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.catalogs import Catalog
    from bot.clock import Clock
    from bot.envelope import Envelope
    from bot.settings import Settings
    from bot.web.edge import WebEdge

log = logging.getLogger(__name__)

CONNECTIONS = 128
"""Requests to Telegram at a time: at 50 ms each, over two thousand a second."""

GRACE_SECONDS = 3.0
"""What requests under way get when the program stops; the rest stays stored."""

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0  # seconds between attempts to introduce the program


def read_service_file(path: Path) -> Service:
    """A service file as an editor saved it, with or without a byte order mark. Raises ServiceError, OSError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ServiceError(f"{path.name}: this is not a text in UTF-8. Save it as UTF-8 in your editor.") from None
    return read_service(text, path.name)


def load_service(settings: Settings) -> Service:
    """The service file of the settings, or the one that comes with Pandu. Raises ServiceError, WrongSetting."""
    if settings.service_file is not None:
        try:
            return read_service_file(settings.service_file)
        except OSError as error:
            why = f"PANDU_SERVICE_FILE names {settings.service_file}, which cannot be read ({error.strerror})."
            raise WrongSetting(f"{why} Correct it in the environment or in .env.") from None
    shipped = resources.files("conversations.service") / "pekalongan.toml"
    return read_service(shipped.read_text(encoding="utf-8"), shipped.name)


@dataclass
class App:
    """A running Pandu."""

    store: Store
    guide: Guide
    catalogs: Mapping[str, Catalog]
    clock: Clock
    sender: TelegramSender
    office: Office
    relay: Relay
    turn: Turn
    intake: Intake
    alarms: Alarms
    housekeeping: Housekeeping
    watchdog: Watchdog
    web: WebEdge | None = None
    mail: MailIntake | None = None

    _asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Telegram was asked once who this bot is, with or without an answer."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve until `stopping` is set, then finish what was accepted. Raises Fatal if Telegram refuses the token."""
        relay = asyncio.create_task(self.relay.run())
        introduction = asyncio.create_task(self._introduce())
        parts = [self._poll(), self.alarms.run(), self.housekeeping.run(), self.watchdog.run()]
        if self.web is not None:
            parts.append(self.web.run())
        if self.mail is not None:
            parts.append(self.mail.run())
        loops = [asyncio.create_task(part) for part in parts]
        end = asyncio.create_task(stopping.wait())
        try:
            done, _ = await asyncio.wait({end, relay, introduction, *loops}, return_when=asyncio.FIRST_COMPLETED)
            if done == {introduction} and introduction.exception() is None:  # it alone may come to an end
                await asyncio.wait({end, relay, *loops}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._stop(relay, introduction, loops, end)

    async def _poll(self) -> None:
        """Take updates once Telegram was asked for the name: what is said to the bot in a group is known by it."""
        await self._asked.wait()
        await self.intake.run()

    async def _introduce(self) -> None:
        """Check the token, learn the bot's name and register the commands, however long Telegram is away."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._name()
                self._asked.set()
                await self._register()
            except Fatal:
                raise
            except DeliveryError as error:
                wait = max(pause, (error.after or 0.0) if isinstance(error, TryLater) else 0.0)
                log.warning("Telegram does not know us yet (%s); trying again in %.0f s", type(error).__name__, wait)
            else:
                return
            self._asked.set()
            pause = min(pause * 2, _LONGEST_PAUSE)
            await self.clock.sleep(wait)

    async def _name(self) -> None:
        me = await self.sender.me()
        if me.username != self.office.username:
            self.office.username = me.username
            log.info("serving @%s", me.username)
            if not self.office.sends_mail:
                log.warning("PANDU_SMTP_URL is not set: no mail leaves, so employees cannot register")

    async def _register(self) -> None:
        """Offer everybody the commands that are for everybody, and each member of staff theirs."""
        for language, catalog in self.catalogs.items():
            said = {name: catalog.plain(Text(msgid)) for name, msgid in commands_for(ANYONE).items()}
            await self.sender.set_commands(said, language_code=language)
            if language == catalogs.DEFAULT:
                await self.sender.set_commands(said)

    async def _stop(
        self,
        relay: asyncio.Task[None],
        introduction: asyncio.Task[None],
        loops: Sequence[asyncio.Task[None]],
        end: asyncio.Task[bool],
    ) -> None:
        end.cancel()
        self.intake.stop()
        self._asked.set()  # whoever waits for it sees that it is over
        intake, *others = loops
        for task in (introduction, *others):
            task.cancel()
        await asyncio.wait({intake}, timeout=GRACE_SECONDS)
        intake.cancel()
        await self.relay.stop(GRACE_SECONDS / 2)
        relay.cancel()
        ended = await asyncio.gather(introduction, relay, *loops, return_exceptions=True)
        for result in ended:
            if isinstance(result, Exception):
                raise result


@dataclass(frozen=True, slots=True)
class World:
    """What is outside: which Telegram, which mail server (None: no mail leaves), which clock, which keys.

    `imap_url`: the mailbox that answers come to (None: nobody reads them).
    `web_port` is that of the web edge (None: there is none; 0: a free one), `public_url` where it is reached from
    outside; empty: on this machine.
    """

    clock: Clock
    ring: Ring
    token: str
    api: str
    smtp_url: str | None
    mail_from: str
    web_port: int | None = None
    public_url: str = ""
    imap_url: str | None = None


def real_world(settings: Settings) -> World:
    """The world of the settings. Raises StorageError: the key file cannot be used; WrongSetting."""
    if settings.web_port is not None and settings.public_url is None:
        raise WrongSetting("PANDU_WEB_PORT is set, so links in mails need PANDU_PUBLIC_URL: where they are reached.")
    smtp = settings.smtp_url.get_secret_value() if settings.smtp_url is not None else None
    token = settings.telegram_token.get_secret_value()
    imap = None if settings.imap_url is None else settings.imap_url.get_secret_value()
    return World(
        SystemClock(), settings.ring(), token, settings.telegram_api, smtp, settings.sender,
        settings.web_port, settings.public_url or "", imap,
    )  # fmt: skip


def played_world(clock: Clock, *, token: str, api: str, smtp_url: str) -> World:
    """A world on this machine alone. Its keys end with it, like everything that was sealed with them."""
    ring = Ring.parse(Ring.new_key())
    return World(clock, ring, token, api, smtp_url, "Pandu <pandu@example.go.id>", web_port=0)


@asynccontextmanager
async def build(settings: Settings, service: Service, world: World) -> AsyncIterator[App]:
    """Open the database and the connections, and join the parts. Raises StorageError, WrongSetting."""
    listener = None if world.web_port is None else _listener(world.web_port)
    with listener or nullcontext():
        store = await Store.open(settings.database, ring=world.ring)
        try:
            pause = Pause(world.clock)
            async with TelegramSender(world.token, pause=pause, api=world.api, connections=CONNECTIONS) as sender:
                yield _joined(settings, service, world, store, sender, listener)
        finally:
            await store.close()


def _listener(port: int) -> socket.socket:
    """The socket of the web edge. Raises WrongSetting: another program listens there."""
    from bot.web.edge import PortTaken, listening  # noqa: PLC0415 - who only serves Telegram does not load the server

    try:
        return listening(port)
    except PortTaken as taken:
        raise WrongSetting(str(taken)) from None


def _web(listener: socket.socket, public_url: str, desk: LinkDesk, words: Mapping[str, Catalog]) -> WebEdge:
    from bot.web.edge import WebEdge  # noqa: PLC0415 - as above

    return WebEdge(desk, words[catalogs.DEFAULT], listener, public_url)


def _joined(
    settings: Settings,
    service: Service,
    world: World,
    store: Store,
    sender: TelegramSender,
    listener: socket.socket | None,
) -> App:
    guide, clock = Guide(service), world.clock
    words = catalogs.load(service.zone.tz)
    rates = Rates(lane_burst=settings.chat_burst, lane_per_second=1.0 if settings.chat_burst else 0.0)
    channels: dict[Channel, Sender] = {Channel.TELEGRAM: sender}
    if world.smtp_url is not None:
        channels[Channel.MAIL] = MailSender(
            world.smtp_url, world.mail_from, clock, pause=Pause(clock), fetch=sender.download
        )
    relay = Relay(
        store, channels, clock, rates=rates, jitter=random.random, concurrency=CONNECTIONS,
        lost=lambda: turn.alarms_set.set(),  # noqa: PLW0108 - there is no turn yet: it is given this relay
    )  # fmt: skip
    local = "" if listener is None else "http://{}:{}".format(*listener.getsockname()[:2])
    public_url = "" if listener is None else world.public_url or local
    office = Office(sends_mail=world.smtp_url is not None, reads_mail=world.imap_url is not None, public_url=public_url)
    turn = Turn(store, guide, words, clock, decode, Commands(office), relay)
    intake = Intake(
        store, turn, clock, sender, allowed=ALLOWED_UPDATES, handled=_acknowledge(sender), typing=_typing(sender)
    )
    housekeeping = Housekeeping(store, clock, service, turn.erased)
    watchdog = Watchdog({"polling": lambda: intake.progress_at, "sending": lambda: relay.progress_at}, sender)
    alarms = Alarms(turn, clock)
    desk = LinkDesk(store, turn, guide.book, clock)
    web = None if listener is None else _web(listener, public_url, desk, words)
    mail = None if world.imap_url is None else MailIntake(world.imap_url, MailDesk(store, turn), clock)
    return App(
        store, guide, words, clock, sender, office, relay, turn, intake, alarms, housekeeping, watchdog, web, mail
    )


def _acknowledge(sender: TelegramSender) -> Callable[[Sequence[Envelope]], None]:
    def acknowledge(envelopes: Sequence[Envelope]) -> None:
        """Tell Telegram that presses were received, so that the button stops spinning; worth nothing later."""
        for envelope in envelopes:
            if isinstance(envelope.event, Pressed) and envelope.callback_id is not None:
                sender.call("answerCallbackQuery", callback_query_id=envelope.callback_id)

    return acknowledge


def _typing(sender: TelegramSender) -> Callable[[Sequence[int]], None]:
    def show(chats: Sequence[int]) -> None:
        for chat in chats:
            sender.call("sendChatAction", chat_id=chat, action="typing")

    return show
