"""Complaints are kept whole on both databases: numbers without gaps, one change after the other, found by who may."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from conversations.complaint import Act, Attachment, Complaint, Level, Status
from conversations.filters import PER_PAGE, Filter
from conversations.people import Role
from storage import Conflict, Store
from storage.records import Backlog, Exported, Listed
from tests.storage.complaining import PHOTO, TEXT, change, complaint, file, line, solve
from tests.storage.rows import BUDI, NOON, SITI, after, meet


@pytest.fixture(autouse=True)
async def _people(store: Store) -> None:
    await meet(store, SITI, BUDI)


async def _appoint(store: Store, name: str = "Ratna") -> int:
    async with store.transaction() as tx:
        return await tx.staff.appoint(Role.OFFICER, name, "", None, NOON)


# One complaint


async def test_it_comes_back_as_it_was_filed(store: Store) -> None:
    filed = await file(store)
    assert filed == replace(complaint(), number="ADU-2026-00001")
    async with store.reading() as tx:
        assert await tx.complaints.get(filed.number) == filed
        assert await tx.complaints.history(filed.number) == (line("filed", side="employee"),)
        assert await tx.complaints.get("ADU-2026-00002") is None
        assert await tx.complaints.history("ADU-2026-00002") == ()


async def test_a_photo_without_a_word_is_a_complaint(store: Store) -> None:
    filed = await file(store, text="", origin="", name="", unit="", person=None)
    async with store.reading() as tx:
        assert await tx.complaints.get(filed.number) == filed
    assert (filed.text, filed.attachments) == ("", (PHOTO,))


async def test_every_field_that_an_act_changes_is_kept(store: Store) -> None:
    holder = await _appoint(store)
    filed = await file(store)
    told = line(Act.ESCALATE, "“é” \x00", 5, attachments=(PHOTO, Attachment("document", "f2", "surat.pdf", 9)))
    note = line(Act.NOTE, "internal", 6, internal=True)
    changed = await change(
        store,
        filed,
        told,
        note,
        status=Status.ESCALATED,
        level=Level.OFFICIAL,
        category="other",
        holder=holder,
        due_at=after(700),
        since=after(5),
        stopped_at=after(6),
        nudges=2,
        next_at=after(9),
        extra_minutes=7,
    )
    async with store.reading() as tx:
        found = await tx.complaints.get(filed.number)
        assert found == replace(changed, holder_name="Ratna")
        assert await tx.complaints.history(filed.number) == (line("filed", side="employee"), told, note)
    assert (changed.version, changed.extra_minutes) == (filed.version + 1, 7)


async def test_what_was_said_when_it_was_filed_stays(store: Store) -> None:
    filed = await file(store)
    await change(store, filed, text="else", person=None, name="", unit="", confidential=True, filed_at=after(9))
    async with store.reading() as tx:
        assert await tx.complaints.get(filed.number) == replace(filed, version=1)


async def test_who_read_it_before_somebody_else_changed_it_is_refused(store: Store) -> None:
    filed = await file(store)
    taken = await change(store, filed, line(Act.TAKE), status=Status.TAKEN)
    with pytest.raises(Conflict, match=filed.number):
        await change(store, filed, line(Act.ANSWER), status=Status.ANSWERED)
    async with store.reading() as tx:
        assert await tx.complaints.get(filed.number) == taken
        assert [happened.act for happened in await tx.complaints.history(filed.number)] == ["filed", "take"]


async def test_of_two_that_take_it_at_once_the_second_sees_the_first(store: Store) -> None:
    filed = await file(store)

    async def take(member: int) -> bool:
        async with store.transaction() as tx:
            found = await tx.complaints.get(filed.number)
            assert found is not None
            if found.status is not Status.NEW:
                return False
            taken = replace(found, status=Status.TAKEN, version=found.version + 1, holder=member)
            assert (await tx.complaints.save(found, taken)).version == 1
            return True

    members = [await _appoint(store) for _ in range(10)]
    assert sum(await asyncio.gather(*map(take, members))) == 1


# Numbers


async def test_numbers_have_neither_gaps_nor_repeats(store: Store) -> None:
    """Fifty at once, of which every third is undone after it had its number."""

    async def attempt(turn: int) -> None:
        async with store.transaction() as tx:
            await tx.complaints.file(complaint(text=f"{turn}"), 2026)
            await asyncio.sleep(0)
            if turn % 3 == 0:
                raise RuntimeError

    ends = await asyncio.gather(*map(attempt, range(50)), return_exceptions=True)
    kept = ends.count(None)
    async with store.reading() as tx:
        numbers = [found.number for found in await tx.complaints.by_person(SITI)]
    assert (kept, sorted(numbers)) == (33, [f"ADU-2026-{n:05}" for n in range(1, 34)])


async def test_each_year_begins_anew(store: Store) -> None:
    numbers = []
    for year in (2026, 2027, 2026, 2027):
        async with store.transaction() as tx:
            numbers.append((await tx.complaints.file(complaint(), year)).number)
    assert numbers == ["ADU-2026-00001", "ADU-2027-00001", "ADU-2026-00002", "ADU-2027-00002"]


# Many at once


async def _several(store: Store) -> dict[str, Complaint]:
    """By what is special about it; they are due one after the other."""
    return {
        "late": await file(store, due_at=after(-10)),
        "today": await file(store, due_at=after(50)),
        "waiting": await file(store, due_at=after(60), status=Status.WAITING, stopped_at=NOON),
        "official": await file(store, due_at=after(70), level=Level.OFFICIAL, status=Status.ESCALATED),
        "secret": await file(store, due_at=after(80), level=Level.OFFICIAL, confidential=True),
        "budi": await file(store, BUDI, due_at=after(2000)),
        "solved": await solve(store, await file(store, due_at=after(-20)), "done"),
    }


@pytest.mark.parametrize(
    ("levels", "confidential", "expected"),
    [
        ([Level.OFFICER], False, "late today waiting budi"),
        ([Level.OFFICIAL], True, "official secret"),
        (list(Level), True, "late today waiting official secret"),
        (list(Level), False, "late today waiting official budi"),
        ([], False, ""),
        ([], True, "secret"),
    ],
)
async def test_the_queue_shows_what_one_may_see_by_when_it_is_due(
    store: Store, levels: list[Level], expected: str, *, confidential: bool
) -> None:
    filed = await _several(store)
    async with store.reading() as tx:
        listed = await tx.complaints.queue(levels, NOON, confidential=confidential)
        assert listed.complaints == tuple(filed[name] for name in expected.split())


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (Filter.MINE, "held"),
        (Filter.NEW, "late today held official secret budi"),
        (Filter.OVERDUE, "late"),
        (Filter.WAITING, "waiting answered"),
    ],
)
async def test_a_filter_of_the_queue_shows_a_part_of_it_and_counts_that(
    store: Store, only: Filter, expected: str
) -> None:
    holder = await _appoint(store)
    filed = await _several(store)
    filed["held"] = await file(store, due_at=after(55), holder=holder)
    filed["answered"] = await file(store, due_at=after(65), status=Status.ANSWERED, stopped_at=NOON)
    async with store.reading() as tx:
        listed = await tx.complaints.queue(list(Level), NOON, confidential=True, only=only, members=[holder])
    assert [one.number for one in listed.complaints] == [filed[name].number for name in expected.split()][:PER_PAGE]
    assert listed.count == len(expected.split())


async def test_the_queue_leaves_out_those_of_a_chat_before_it_counts(store: Store) -> None:
    filed = await _several(store)
    async with store.reading() as tx:
        listed = await tx.complaints.queue(list(Level), NOON, confidential=True, besides=SITI)
    assert listed == Listed((filed["budi"],), 1, 1)


async def test_the_queue_has_pages_until_its_end(store: Store) -> None:
    many = 2 * PER_PAGE + 1
    filed = [await file(store, due_at=after(minutes)) for minutes in range(many)]
    async with store.reading() as tx:
        pages = [await tx.complaints.queue([Level.OFFICER], NOON, confidential=False, page=n) for n in (1, 2, 3)]
        beyond = [await tx.complaints.queue([Level.OFFICER], NOON, confidential=False, page=n) for n in (0, 99)]
        assert await tx.complaints.open_numbers() == [one.number for one in filed]
        assert await tx.complaints.open_numbers(Level.OFFICIAL) == []
    assert [one for page in pages for one in page.complaints] == filed
    assert {page.count for page in pages} == {many}
    assert beyond == [pages[0], pages[2]]


async def test_an_employee_finds_their_own(store: Store) -> None:
    filed = await _several(store)
    budis = filed.pop("budi")
    async with store.reading() as tx:
        assert await tx.complaints.by_person(SITI) == tuple(filed.values())
        assert await tx.complaints.by_person(BUDI) == (budis,)
        assert await tx.complaints.by_person(999) == ()


async def test_the_digest_counts_what_the_queue_shows(store: Store) -> None:
    await _several(store)
    await file(store, due_at=after(65), status=Status.ANSWERED, stopped_at=NOON)
    async with store.reading() as tx:
        counts = tx.complaints.counts_for_digest
        assert await counts([Level.OFFICER], NOON, after(1000), confidential=False) == Backlog(5, 1, 1, 2)
        assert await counts([Level.OFFICIAL], NOON, after(1000), confidential=True) == Backlog(2, 2, 0, 0)
        assert await counts([Level.OFFICIAL], after(75), after(1000), confidential=True) == Backlog(2, 1, 1, 0)
        assert await counts([], NOON, after(1000), confidential=False) == Backlog(0, 0, 0, 0)


async def test_a_report_has_all_of_them_with_their_moments(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.complaints.SLICE", 2)
    filed = await _several(store)
    await change(store, filed["late"], line(Act.OVERDUE, minutes=3), line(Act.ANSWER, minutes=5))
    async with store.reading() as tx:
        exported = [row async for row in tx.complaints.export()]
        late = await tx.complaints.get(filed["late"].number)
    assert len(exported) == len(filed)
    assert exported[0] == Exported(late or complaint(), None, answered_at=after(5), escalated_at=after(3))
    assert exported[-1] == Exported(filed["solved"], after(60), answered_at=after(60), escalated_at=None)


# The clock


async def test_the_clock_finds_what_is_due_and_when_to_look_again(store: Store) -> None:
    async with store.reading() as tx:
        assert await tx.complaints.next_ring() is None
    first, second = await file(store, next_at=after(10)), await file(store, next_at=after(5))
    await file(store, next_at=after(20))
    await file(store, next_at=None, status=Status.CLOSED)
    async with store.transaction() as tx:
        assert await tx.complaints.next_ring() == after(5)
        assert await tx.complaints.due(after(4), 9) == []
        assert await tx.complaints.due(after(10), 9) == [second.number, first.number]
        assert await tx.complaints.due(after(10), 1) == [second.number]
        await tx.complaints.postpone(second.number, after(30))
        assert await tx.complaints.due(after(20), 1) == [first.number]


# Cards


async def test_a_card_is_noted_for_each_screen(store: Store) -> None:
    number, other = (await file(store)).number, (await file(store)).number
    async with store.transaction() as tx:
        await tx.complaints.put_card(number, SITI, "k1")
        await tx.complaints.put_card(number, BUDI, "k2")
        await tx.complaints.put_card(number, SITI, "k3")
        assert await tx.complaints.card_keys(number) == [(BUDI, "k2"), (SITI, "k3")]
        assert await tx.complaints.card_keys(other) == []
        await tx.erase(BUDI)
        assert await tx.complaints.card_keys(number) == [(SITI, "k3")]


# Similar ones


async def test_answers_to_similar_complaints_are_found_by_their_words(store: Store) -> None:
    for text, answer in (
        ("Kode galat 2031 saat memperbarui sertifikat", "Passphrase salah: setel ulang."),
        ("Sertifikat saya galat", "Muat ulang halaman."),
        ("Surat rekomendasi ditolak verifikator", "Unggah ulang suratnya."),
    ):
        await solve(store, await file(store, text=text), answer)
    asked = await file(store)
    async with store.reading() as tx:
        assert await tx.complaints.similar(TEXT) == ("Passphrase salah: setel ulang.", "Muat ulang halaman.")
        assert await tx.complaints.similar(TEXT, 1) == ("Passphrase salah: setel ulang.",)
        assert await tx.complaints.similar(asked.text, besides="ADU-2026-00001") == ("Muat ulang halaman.",)
        assert await tx.complaints.similar("SURATNYA!") == ("Unggah ulang suratnya.",)
        for nothing in ("", "dan itu saja", "sertifikat hilang kemarin", "197203031998031003"):
            assert await tx.complaints.similar(nothing) == ()


async def test_what_is_open_confidential_unanswered_or_closed_by_silence_is_no_example(store: Store) -> None:
    await change(store, await file(store), line(Act.ANSWER, "open"), status=Status.ANSWERED)
    await solve(store, await file(store, confidential=True), "secret")
    await solve(store, await file(store), "")
    silent = (line(Act.ANSWER, "silence"), line(Act.SILENCE, side="clock"))
    await change(store, await file(store), *silent, status=Status.CLOSED, next_at=None)
    async with store.reading() as tx:
        assert await tx.complaints.similar(TEXT) == ()
    for answer in ("first", "again", "again"):
        await solve(store, await file(store), answer)
    async with store.reading() as tx:
        assert await tx.complaints.similar(TEXT) == ("again", "first")


# The history is only added to


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE happenings SET act = 'x'",
        "UPDATE happenings SET side = 'clock'",
        "UPDATE happenings SET text = actor",
        "UPDATE happenings SET attachments = text",
        "DELETE FROM happenings",
        "DELETE FROM happenings WHERE id = 1",
    ],
)
async def test_no_line_of_the_history_is_changed_or_removed(store: Store, statement: str) -> None:
    filed = await file(store)
    await change(store, filed, line(Act.ANSWER, "answer"))
    async with store.reading() as tx:
        before = await tx.complaints.history(filed.number)

    async def tamper() -> None:
        async with store._database.writer.begin() as connection:
            await connection.exec_driver_sql(statement)

    with pytest.raises(Exception, match="only added to"):
        await tamper()
    async with store.reading() as tx:
        assert await tx.complaints.history(filed.number) == before
