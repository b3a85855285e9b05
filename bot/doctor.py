"""What `pandu doctor` looks at, and what it tells the operator to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from bot import catalogs
from bot.app import load_service
from bot.clock import SystemClock
from bot.delivery import Pause
from bot.errors import DeliveryError, Fatal
from bot.mail.aside import aside
from bot.mail.mailbox import SEEN
from bot.mail.mailbox import look as look_into
from bot.mail.sender import check
from bot.settings import Settings, WrongSetting
from bot.telegram.sender import TelegramSender
from conversations.service import ServiceError
from storage import Conflict, StorageError, Store, sqlite_note
from storage.records import Channel, State

_SECONDS = 10.0
_APART = timedelta(seconds=30)
"""A clock that is further off shows wrong deadlines and trips over expired presses."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do if it is not well."""

    what: str
    says: str
    bad: bool = False

    @property
    def sign(self) -> str:
        return "✗" if self.bad else "✓"


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; one thing that is wrong does not hide the others."""
    looks: tuple[Callable[[Settings], Awaitable[Finding]], ...] = (
        _service, _catalogs, _database, _token, _clock, _mail, _mailbox, _web,
    )  # fmt: skip
    findings = [await look(settings) for look in looks]
    if (note := sqlite_note()) is not None and settings.database.startswith("sqlite"):
        findings.append(Finding("SQLite", note))
    return findings


async def _service(settings: Settings) -> Finding:
    name = str(settings.service_file or "pekalongan.toml")
    try:
        service = load_service(settings)
    except (ServiceError, WrongSetting) as wrong:
        return Finding("Service file", str(wrong), bad=True)
    return Finding("Service file", f"{name} is in order ({service.unit.name.id}).")


async def _catalogs(_: Settings) -> Finding:
    known = {language: set(catalogs.messages(language)) for language in catalogs.LANGUAGES}
    everything = set().union(*known.values())
    lacking = {language: len(everything - known[language]) for language in known if everything - known[language]}
    if lacking:
        return Finding("Catalogs", f"not translated: {lacking}. Run `make locales` and fill them in.", bad=True)
    return Finding("Catalogs", f"{len(everything)} messages in {', '.join(catalogs.LANGUAGES)}.")


async def _database(settings: Settings) -> Finding:
    if settings.database_url is None and not (settings.data_dir / "pandu.sqlite3").exists():
        return Finding("Database", f"none yet in {settings.data_dir}; `pandu run` makes it.")
    try:
        store = await Store.open(settings.database, ring=settings.ring(make=False), read_only=True)
    except Conflict as busy:
        return Finding("Database", str(busy))
    except StorageError as wrong:
        return Finding("Database", str(wrong), bad=True)
    try:
        async with store.reading() as tx:
            counts, states = (await tx.counts()).rows, await tx.count_states(Channel.TELEGRAM)
            mails, letters = await tx.count_states(Channel.MAIL), await tx.dead_letters(1)
    finally:
        await store.close()
    said = (
        f"{counts['sessions']} sessions; messages: {states[State.SENT]} sent, {states[State.QUEUED]} to be sent, "
        f"{states[State.DEAD]} that Telegram never took, {states[State.UNKNOWN]} of which nobody knows."
    )
    if any(mails[state] for state in (State.QUEUED, State.DEAD, State.UNKNOWN)):
        said += (
            f" Mails: {mails[State.QUEUED]} to be sent, {mails[State.DEAD]} that no server took, "
            f"{mails[State.UNKNOWN]} of which nobody knows."
        )
    if letters:
        buried = f" {counts['dead_letters']} updates could not be handled; the last is {letters[0].reference}: "
        return Finding("Database", said + buried + letters[0].error)
    return Finding("Database", said)


async def _token(settings: Settings) -> Finding:
    if settings.sandboxed:
        return Finding("Telegram", "no token: the sandbox is used. Set PANDU_TELEGRAM_TOKEN to go live.")
    token = settings.telegram_token.get_secret_value()
    try:
        async with TelegramSender(token, pause=Pause(SystemClock()), api=settings.telegram_api) as sender:
            me, webhook = await sender.me(), await sender.webhook()
    except Fatal:
        return Finding("Telegram", "the token is refused. Ask BotFather for the present one.", bad=True)
    except DeliveryError:
        said = "cannot be reached. Check network and PANDU_TELEGRAM_API."
        return Finding("Telegram", said, bad=True)
    if webhook:
        where = urlsplit(webhook).hostname or "an address"  # the rest of it may be a secret
        said = f"the updates of @{me.username} go to a webhook at {where}, so Pandu gets none. Remove it there, or call"
        return Finding("Telegram", f"{said} the Bot API's deleteWebhook.", bad=True)
    return Finding("Telegram", f"the token is that of @{me.username}.")


async def _clock(settings: Settings) -> Finding:
    if settings.sandboxed:
        return Finding("Clock", "the sandbox has its own.")
    try:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.head(settings.telegram_api) as response:
            theirs = parsedate_to_datetime(response.headers["Date"])
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        return Finding("Clock", "cannot be compared: Telegram's server told no time.")
    apart = abs(datetime.now(UTC) - theirs)
    if apart > _APART:
        said = f"is {apart.total_seconds():.0f} s off. Switch on time synchronisation (timedatectl set-ntp true)."
        return Finding("Clock", said, bad=True)
    return Finding("Clock", "agrees with Telegram's.")


async def _mail(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        if settings.sandboxed:
            return Finding("Mail", "the sandbox has its own mailbox.")
        return Finding("Mail", "off: PANDU_SMTP_URL is not set, so nobody can register. Everything else works.")
    url = settings.smtp_url.get_secret_value()
    try:
        await check(url, settings.sender, seconds=_SECONDS)
    except DeliveryError as wrong:
        return Finding("Mail", f"none leaves. {wrong}", bad=True)
    said = f"{urlsplit(url).hostname} takes mail."
    if settings.mail_from is None:
        return Finding("Mail", f"{said} It is sent as {settings.sender}: set PANDU_MAIL_FROM.", bad=True)
    return Finding("Mail", said)


async def _mailbox(settings: Settings) -> Finding:
    if settings.imap_url is None:
        if settings.sandboxed:
            return Finding("Mailbox", "the sandbox reads none.")
        said = "off: PANDU_IMAP_URL is not set, so no answer to a mail is read. Let somebody look at the mailbox."
        return Finding("Mailbox", said)
    url = settings.imap_url.get_secret_value()
    try:
        mark = await aside(lambda: look_into(url, seconds=_SECONDS))
    except DeliveryError as wrong:
        return Finding("Mailbox", f"is not read. {wrong}", bad=True)
    if mark == SEEN:
        said = "opens it, but keeps no marks of others, so mails are marked as read. Give Pandu a folder of its own."
        return Finding("Mailbox", f"{urlsplit(url).hostname} {said}")
    return Finding("Mailbox", f"{urlsplit(url).hostname} opens it.")


async def _web(settings: Settings) -> Finding:
    if settings.sandboxed:
        return Finding("Web", "the sandbox has its own.")
    if settings.web_port is None:
        return Finding("Web", "off: PANDU_WEB_PORT is not set, so mails to officials carry no links to act.")
    if settings.public_url is None:
        return Finding("Web", "PANDU_PUBLIC_URL is not set: where are the links of mails reached?", bad=True)
    if settings.smtp_url is None:
        return Finding("Web", "links leave by mail, and PANDU_SMTP_URL is not set.", bad=True)
    try:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(f"{settings.public_url}/robots.txt") as answer,
        ):
            ours = answer.ok and "Disallow: /" in await answer.text()
    except (aiohttp.ClientError, TimeoutError, UnicodeError):
        ours = False
    if ours:
        return Finding("Web", f"{settings.public_url} answers.")
    said = f"{settings.public_url} does not answer. If Pandu runs, check what leads from there to port"
    return Finding("Web", f"{said} {settings.web_port} of this machine.")
