"""`pandu tour`: a whole renewal against the sandbox, printed as people read it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot import catalogs
from bot.app import build, played_world
from bot.clock import MovableClock
from bot.sandbox import People, Person, Sandbox
from bot.settings import Settings
from conversations.calendar import WorkingCalendar
from conversations.text import N_, Text

if TYPE_CHECKING:
    from conversations.service import Service

_BEGIN = (N_("Renew my certificate"), N_("Begin"), N_("Not yet"))
_FOLLOW = (
    N_("Yes, go on"),
    N_("Yes, I am logged in"),
    N_("Everything is right"),
    N_("Yes, I have it"),
    N_("Yes, I have sent it"),
    N_("Just now"),
    N_("Yes, that is right"),
)
_ISSUED = (N_("Yes, it has been issued"), N_("Yes, it works"), N_("Yes, that date"), N_("Yes, remind me"))
_DAYS_AGO = 5


async def play(service: Service, language: str, out: Callable[[str], object]) -> None:
    """Walk from /start to the new certificate on the first working morning from now; prints the chat."""
    catalog = catalogs.load(service.zone.tz)[language]
    clock = MovableClock()
    calendar = WorkingCalendar(service)
    clock.move(calendar.next_morning(clock.now()) + timedelta(hours=1) - clock.now())
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), database_url=None)  # type: ignore[call-arg] # pydantic-settings takes it
        async with Sandbox(clock, port=0) as sandbox, People(sandbox.page_url) as people, AsyncExitStack() as stack:
            world = played_world(clock, token=sandbox.token, api=sandbox.api_url, smtp_url=sandbox.smtp_url)
            app = await stack.enter_async_context(build(settings, service, world))
            stopping = asyncio.Event()
            running = asyncio.create_task(app.run(stopping))
            try:
                siti = await people.add("Siti", language=language)
                await _walk(siti, people, calendar, clock, catalog)
            finally:
                stopping.set()
                await running
            for bubble in siti.chat:
                out(_printed(bubble.text, bubble.labels, mine=not bubble.from_bot))


async def _walk(
    siti: Person, people: People, calendar: WorkingCalendar, clock: MovableClock, catalog: catalogs.Catalog
) -> None:
    await siti.start()
    for label in _BEGIN:
        await siti.presses(catalog.plain(Text(label)))
    await siti.hears("2026")
    expired_on = calendar.today(clock.now()) - timedelta(days=_DAYS_AGO)
    await siti.says(f"{expired_on:%d-%m-%Y}")
    for label in _FOLLOW:
        await siti.presses(catalog.plain(Text(label)))
    issued = catalog.plain(Text(_ISSUED[0]))
    await siti.waits(lambda chat: chat[-1] if issued in chat[-1].labels else None)
    told = siti.chat[-1].id
    await people.pass_time(calendar.due(clock.now()) - clock.now())
    await siti.waits(lambda chat: chat[-1] if issued in chat[-1].labels and chat[-1].id > told else None)
    for label in _ISSUED:
        await siti.presses(catalog.plain(Text(label)))
    menu = catalog.plain(Text(_BEGIN[0]))
    await siti.waits(lambda chat: chat[-1] if menu in chat[-1].labels else None)


def _printed(text: str, labels: tuple[str, ...], *, mine: bool) -> str:
    edge = "  │ " if mine else "│ "
    said = "\n".join(f"{edge}{line}" for line in text.splitlines())
    buttons = " ".join(f"[{label}]" for label in labels)
    return f"{'                    ' if mine else ''}{said}\n{edge + buttons if buttons else ''}\n"
