"""Nobody may take what has come to the official: who can appoint somebody is told, and whoever comes gets all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversations.complaint import Act, Level
from conversations.effects import HandOver, Invite
from conversations.events import Invited
from conversations.people import Role
from tests.bot.counter import AGUS, BUDI, DEWI, RATNA, SITI, Counter, at, counter_on
from tests.databases import KINDS

MONDAY = 23


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    """An officer, an admin and a leader, and no official."""
    async with counter_on(request.param, tmp_path, at(MONDAY)) as here:
        await here.appoint(BUDI, Role.OFFICER, "Budi")
        await here.appoint(AGUS, Role.ADMIN, "Agus")
        await here.appoint(RATNA, Role.LEADER, "Ratna")
        yield here


async def test_they_are_told_at_once_and_each_working_morning_until_somebody_is_there(counter: Counter) -> None:
    await counter.register(SITI, "siti@example.go.id")
    filed = await counter.file(confidential=True, files=1)

    for day in range(4):  # Monday to Thursday
        assert [len(about(counter, chat, filed.number)) for chat in (AGUS, RATNA)] == [day + 1] * 2
        await counter.goes_on_until(at(MONDAY + day + 1, 9))
    assert set(counter.methods(AGUS)) == set(counter.methods(RATNA)) == {"sendMessage"}, "no files"
    assert not any(word in said for chat in (AGUS, RATNA) for said in counter.told(chat) for word in ("Tombol", "Siti"))
    assert counter.told(BUDI) == []

    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi")
    before = len(about(counter, AGUS, filed.number))
    await counter.goes_on_until(at(MONDAY + 7, 9))
    assert len(about(counter, AGUS, filed.number)) == before
    assert filed.number in counter.told(DEWI)[0]


@pytest.mark.parametrize("by", ["hand", "clock"])
async def test_what_is_escalated_to_nobody_is_told_in_the_same_way(counter: Counter, by: str) -> None:
    filed = await counter.file()
    if by == "hand":
        escalated = await counter.handle(BUDI, filed.number, Act.ESCALATE, "Terlalu sulit")
        assert escalated.why == "no_official"
    else:
        await counter.goes_on_until(filed.due_at)

    assert (await counter.now(filed.number)).level is Level.OFFICIAL
    for chat in (AGUS, RATNA):
        (said,) = about(counter, chat, filed.number)
        assert "belum ada pejabat pengaduan" in said
        assert "sulit" not in said
    assert any("belum ada pejabat pengaduan" in said for said in counter.told(SITI))


async def test_whoever_accepts_gets_everything_that_waits_with_its_files_once(counter: Counter) -> None:
    secret = await counter.file(confidential=True, files=1)
    raised = await counter.file()
    await counter.handle(BUDI, raised.number, Act.ESCALATE, "Terlalu sulit")
    below = await counter.file()
    withdrawn = await counter.file(confidential=True)
    await counter.handle(SITI, withdrawn.number, Act.WITHDRAW)
    own = await counter.file(DEWI, confidential=True)
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi")
    counter.handed.clear()

    await counter.do(DEWI, HandOver())

    assert counter.methods(DEWI) == ["sendMessage", "sendPhoto", "sendMessage"]
    said = " ".join(counter.told(DEWI))
    assert (secret.number in said, raised.number in said, "Terlalu sulit" in said) == (True, True, True)
    assert not any(one.number in said for one in (below, withdrawn, own))
    assert [line.act for line in await counter.history(secret.number)] == ["filed", "handed"]
    assert [line.act for line in await counter.history(own.number)] == ["filed"]
    await counter.handle(DEWI, secret.number, Act.TAKE)
    assert counter.methods(DEWI)[-1] == "editMessageText", "it is the card of the complaint"


async def test_all_that_waits_is_handed_over_however_much_it_is(counter: Counter) -> None:
    numbers = [(await counter.file(confidential=True)).number for _ in range(202)]
    counter.handed.clear()
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi")
    await counter.do(DEWI, HandOver())
    given = counter.told(DEWI)
    assert [sum(number in said for said in given) for number in numbers] == [1] * 202


async def test_who_has_a_holder_is_not_handed_to_another(counter: Counter) -> None:
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi")
    filed = await counter.file(confidential=True)
    await counter.handle(DEWI, filed.number, Act.TAKE)
    await counter.appoint(AGUS, Role.OFFICIAL, "Agus")
    counter.handed.clear()

    await counter.do(AGUS, HandOver())
    assert counter.told(AGUS) == []


async def test_an_official_by_mail_is_written_to_when_invited(counter: Counter) -> None:
    filed = await counter.file(confidential=True)

    invited = await counter.do(AGUS, Invite(Role.OFFICIAL, "Dewi", "dewi@example.go.id"))

    assert isinstance(invited, Invited)
    (mail,) = counter.mails()
    assert mail["to"] == ["dewi@example.go.id"]
    assert filed.number in mail["subject"]
    assert "/aduan/token" in mail["text"], "with links to act"
    before = len(about(counter, AGUS, filed.number))
    await counter.goes_on_until(at(MONDAY + 1, 9))
    assert len(about(counter, AGUS, filed.number)) == before


async def test_nobody_but_a_new_official_is_given_anything(counter: Counter) -> None:
    await counter.file(confidential=True)
    counter.handed.clear()
    for chat in (SITI, BUDI, AGUS):
        await counter.do(chat, HandOver())
    await counter.do(AGUS, Invite(Role.OFFICER, "Dewi", "dewi@example.go.id"))
    assert counter.handed == []


def about(counter: Counter, chat: int, number: str) -> list[str]:
    return [said for said in counter.told(chat) if number in said]
