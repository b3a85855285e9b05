"""Roles by invitation: made, passed on, used once, taken away; and what everybody sees of it."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.app import App
from bot.sandbox import People, Person
from bot.sandbox.staff import appoint
from conversations.people import Role
from conversations.text import N_
from tests.whole.applicant import SPENT_LINK, says

WELCOME = N_("Welcome, {name}. You have a role now: <b>{role}</b>.\n{duty}")


@pytest.fixture
async def agus(app: App, people: People) -> Person:
    """The admin of the sandbox."""
    await appoint(app.store, app.clock.now())
    agus = await people.named("Agus")
    await agus.start()
    return agus


async def invite(admin: Person, role: str, name: str) -> str:
    """Through the chat; answers the token of the link."""
    await admin.says("/petugas undang")
    await admin.presses(role)
    await admin.says(name)
    await admin.presses(says(N_("No e-mail")))
    await admin.waits(lambda chat: chat[-1] if name in chat[-1].text else None)
    await admin.presses(says(N_("Yes, make the link")))
    bubble = await admin.hears("start=")
    found = re.search(r"start=(\S+)", bubble.text)
    assert found is not None
    return found[1]


async def roles(app: App, person: Person) -> set[Role]:
    async with app.store.reading() as tx:
        return {row.role for row in await tx.staff.of(person.id)}


async def test_an_invited_officer_has_the_role_its_commands_and_loses_both(
    app: App, people: People, agus: Person
) -> None:
    token = await invite(agus, "Petugas", "Dewi Contoh")
    dewi = await people.add("Dewi")
    before = {command.command for command in await dewi.commands()}
    await dewi.start(token)
    await dewi.hears(says(WELCOME))
    await agus.hears("Dewi Contoh")
    assert await roles(app, dewi) == {Role.OFFICER}
    async with app.store.reading() as tx:
        (row,) = await tx.staff.of(dewi.id)
    await agus.says(f"/petugas {row.id} cabut ya")
    await dewi.hears("berakhir")
    assert await roles(app, dewi) == set()
    assert {command.command for command in await dewi.commands()} == before


async def test_an_invitation_serves_once_however_many_open_it(app: App, people: People, agus: Person) -> None:
    token = await invite(agus, "Petugas", "Dewi Contoh")
    crowd = [await people.add(f"Orang{number}") for number in range(10)]
    await asyncio.gather(*(person.start(token) for person in crowd))
    for person in crowd:
        await person.waits(lambda chat: chat[-1] if chat and chat[-1].from_bot else None)
    having = [person for person in crowd if await roles(app, person)]
    assert len(having) == 1
    for person in crowd:
        if person is not having[0]:
            await person.hears(says(SPENT_LINK))


@pytest.mark.usefixtures("agus")
async def test_who_is_no_admin_is_refused_politely_and_that_is_noted(app: App, people: People) -> None:
    siti = await people.named("Siti")
    await siti.start()
    await siti.says("/petugas")
    await siti.hears("hanya untuk: Admin")
    async with app.store.reading() as tx:
        assert [row.action for row in await tx.audit.last(1)] == ["refused"]
        assert (await tx.audit.verify()).broken_at is None
