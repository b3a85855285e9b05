"""Answers that the office keeps, on both databases: shared by all staff, in the audit by number alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversations.canned import MOST
from conversations.complaint import Act
from conversations.effects import FindCanned, FindComplaint, KeepCanned, RemoveCanned
from conversations.events import CannedFound, CannedKept, ComplaintFound
from conversations.people import Role
from tests.bot.counter import BUDI, DEWI, RATNA, SITI, Counter, at, counter_on
from tests.databases import KINDS

CHROME = KeepCanned("Ganti peramban", "Mohon pakai Chrome.")
CACHE = KeepCanned("Hapus cache", "Mohon hapus cache.")


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    """Budi and Ratna are officers, Dewi is the official."""
    async with counter_on(request.param, tmp_path, at(23)) as here:
        await here.appoint(BUDI, Role.OFFICER, "Budi")
        await here.appoint(RATNA, Role.OFFICER, "Ratna")
        await here.appoint(DEWI, Role.OFFICIAL, "Dewi")
        yield here


async def keeps(counter: Counter, chat: int, command: KeepCanned) -> str:
    answer = await counter.do(chat, command)
    assert isinstance(answer, CannedKept)
    return answer.outcome


async def found(counter: Counter, chat: int, number: str) -> ComplaintFound:
    answer = await counter.do(chat, FindComplaint(number, "tiket jawab"))
    assert isinstance(answer, ComplaintFound)
    return answer


async def titles(counter: Counter) -> list[str]:
    answer = await counter.do(BUDI, FindCanned())
    assert isinstance(answer, CannedFound)
    return [each.title for each in answer.answers]


async def test_what_one_keeps_is_offered_to_all_staff_and_to_nobody_else(counter: Counter) -> None:
    filed = await counter.file()
    assert await keeps(counter, BUDI, CHROME) == "kept"
    assert [each.text for each in (await found(counter, RATNA, filed.number)).canned] == [CHROME.text]
    assert (await found(counter, SITI, filed.number)).canned == ()
    own = await counter.file(RATNA)
    assert (await found(counter, RATNA, own.number)).canned == ()


async def test_the_one_that_was_sent_last_comes_first(counter: Counter) -> None:
    filed = await counter.file()
    await keeps(counter, BUDI, CHROME)
    counter.clock.advance(at(24) - counter.clock.now())
    await keeps(counter, RATNA, CACHE)
    assert await titles(counter) == [CACHE.title, CHROME.title]
    chrome = (await found(counter, BUDI, filed.number)).canned[1]
    counter.clock.advance(at(25) - counter.clock.now())
    assert (await counter.handle(SITI, filed.number, Act.ANSWER, chrome.text, canned=chrome.id)).outcome == "refused"
    assert await titles(counter) == [CACHE.title, CHROME.title]
    assert (await counter.handle(RATNA, filed.number, Act.ANSWER, chrome.text, canned=chrome.id)).outcome == "done"
    assert await titles(counter) == [CHROME.title, CACHE.title]


async def test_the_audit_says_who_and_which_and_none_of_its_words(counter: Counter) -> None:
    filed = await counter.file()
    await keeps(counter, BUDI, KeepCanned(CHROME.title, CHROME.text, filed.number))
    await keeps(counter, RATNA, CACHE)
    (cache, chrome) = (await found(counter, BUDI, filed.number)).canned
    removed = await counter.do(DEWI, RemoveCanned(chrome.id))
    again = await counter.do(DEWI, RemoveCanned(chrome.id))
    assert isinstance(removed, CannedFound)
    assert isinstance(again, CannedFound)
    assert (removed.removed, again.removed, removed.answers) == (True, False, (cache,))
    async with counter.store.reading() as tx:
        rows = [row for row in await tx.audit.last(9) if row.action.startswith("canned")]
        assert (await tx.audit.verify()).count >= len(rows)
    assert [(row.actor, row.action, row.subject, dict(row.details)) for row in reversed(rows)] == [
        ("staff:1", "canned_kept", f"canned:{chrome.id}", {"complaint": filed.number}),
        ("staff:2", "canned_kept", f"canned:{cache.id}", {}),
        ("staff:3", "canned_removed", f"canned:{chrome.id}", {}),
    ]
    assert "Chrome" not in repr(rows)
    assert "peramban" not in repr(rows)


async def test_a_title_is_given_once_and_there_are_only_so_many(counter: Counter) -> None:
    await keeps(counter, BUDI, CHROME)
    assert await keeps(counter, RATNA, KeepCanned("GANTI peramban", "Lain.")) == "taken"
    for number in range(1, MOST):
        assert await keeps(counter, RATNA, KeepCanned(f"Contoh {number}", "Mohon dicoba.")) == "kept"
    assert await keeps(counter, RATNA, CACHE) == "full"
    assert len(await titles(counter)) == MOST
