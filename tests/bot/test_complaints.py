"""What follows of anything that happens to a complaint: who may, who is told by which way, what a screen shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from conversations.complaint import Act, Attachment, Level, Status
from conversations.effects import DeclareOutage
from conversations.people import Details, Role
from storage.records import Memory
from tests.bot.counter import AGUS, BUDI, DEWI, RATNA, SITI, Counter, at, counter_on
from tests.databases import KINDS

MONDAY = 23


@pytest.fixture(params=KINDS)
async def counter(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Counter]:
    async with counter_on(request.param, tmp_path, at(MONDAY)) as here:
        yield here


@pytest.fixture
async def staffed(counter: Counter) -> Counter:
    """Two officers, an official with a chat, an admin."""
    await counter.appoint(BUDI, Role.OFFICER, "Budi")
    await counter.appoint(RATNA, Role.OFFICER, "Ratna")
    await counter.appoint(DEWI, Role.OFFICIAL, "Dewi")
    await counter.appoint(AGUS, Role.ADMIN, "Agus")
    return counter


# Filing


async def test_a_new_complaint_is_a_card_with_its_files_on_the_screen_of_every_officer(staffed: Counter) -> None:
    filed = await staffed.file(files=2)

    assert filed.number == "ADU-2026-00001"
    assert staffed.methods(BUDI) == staffed.methods(RATNA) == ["sendMessage", "sendPhoto", "sendPhoto"]
    assert all(filed.number in said for said in staffed.told(BUDI))
    assert staffed.methods(DEWI) == staffed.methods(AGUS) == []


async def test_who_is_away_is_left_in_peace_and_the_deputy_gets_the_card(counter: Counter) -> None:
    deputy = await counter.appoint(RATNA, Role.ADMIN, "Ratna")
    away = await counter.appoint(BUDI, Role.OFFICER, "Budi")
    async with counter.store.transaction() as tx:
        await tx.staff.leave(away, at(MONDAY).date(), deputy)

    await counter.file()

    assert counter.methods(BUDI) == []
    assert counter.methods(RATNA) == ["sendMessage"]


async def test_an_admin_sees_of_a_confidential_one_that_it_is_there_and_no_word_of_it(staffed: Counter) -> None:
    await staffed.appoint(BUDI, Role.ADMIN, "Budi")  # who is an officer as well
    filed = await staffed.file(confidential=True, files=1)

    assert await staffed.queue(BUDI) == [filed.number]
    seen = await staffed.found(BUDI, filed.number)
    assert seen.complaint is not None
    assert (seen.complaint.status, seen.complaint.due_at) == (filed.status, filed.due_at)
    assert (seen.complaint.text, seen.complaint.person, seen.complaint.attachments, seen.history) == ("", None, (), ())


async def test_a_confidential_one_passes_the_officers_by(staffed: Counter) -> None:
    filed = await staffed.file(confidential=True, files=1)

    assert (filed.status, filed.level) == (Status.ESCALATED, Level.OFFICIAL)
    assert staffed.told(BUDI) == staffed.told(RATNA) == []
    assert staffed.methods(DEWI) == ["sendMessage", "sendPhoto"]
    for officer in (BUDI, RATNA):
        assert (await staffed.handle(officer, filed.number, Act.TAKE)).outcome == "gone"
        assert (await staffed.found(officer, filed.number)).complaint is None
        assert await staffed.queue(officer) == []
    assert await staffed.queue(DEWI) == await staffed.queue(AGUS) == [filed.number]


# Who may


async def test_of_two_who_take_it_the_second_is_told_who_has_it(staffed: Counter) -> None:
    filed = await staffed.file()

    first = await staffed.handle(BUDI, filed.number, Act.TAKE)
    second = await staffed.handle(RATNA, filed.number, Act.TAKE)

    assert (first.outcome, second.outcome) == ("done", "refused")
    assert second.complaint is not None
    assert second.complaint.holder_name == "Budi"


@pytest.mark.parametrize("act", [act for act in Act if act not in {Act.OVERDUE, Act.SILENCE}])
async def test_nobody_else_does_anything_to_somebodys_complaint(staffed: Counter, act: Act) -> None:
    filed = await staffed.file()

    assert (await staffed.handle(SITI + 900, filed.number, act)).outcome == "gone"
    assert (await staffed.handle(AGUS, filed.number, act)).outcome == "refused"  # an admin reads
    assert (await staffed.now(filed.number)).status is Status.NEW


async def test_an_employee_sees_nothing_internal(staffed: Counter) -> None:
    filed = await staffed.file()
    await staffed.handle(BUDI, filed.number, Act.NOTE, "Rahasia kantor")
    await staffed.handle(BUDI, "1", Act.ANSWER, "Sudah kami perbaiki")

    seen = await staffed.found(SITI, filed.number)

    assert seen.similar == ()
    assert "Rahasia kantor" not in repr(seen.history)
    assert not any("Rahasia kantor" in said for said in staffed.told(SITI))
    assert "Rahasia kantor" in repr((await staffed.found(BUDI, "1")).history)


async def test_a_role_that_ended_does_nothing_any_more(staffed: Counter) -> None:
    filed = await staffed.file()
    async with staffed.store.transaction() as tx:
        await tx.staff.revoke((await tx.staff.of(BUDI))[0].id, staffed.clock.now())

    assert (await staffed.handle(BUDI, filed.number, Act.TAKE)).outcome == "gone"


# Screens and ways


async def test_every_screen_shows_how_it_stands(staffed: Counter) -> None:
    filed = await staffed.file()
    cards = {row.lane: row.key for row in staffed.handed}
    await staffed.handle(BUDI, filed.number, Act.TAKE)

    edits = {row.lane: row for row in staffed.handed if row.payload["method"] == "editMessageText"}

    assert {lane: row.edits for lane, row in edits.items()} == cards
    assert all("Budi" in repr(row.payload) for row in edits.values())
    assert all(row.payload["if_gone"] == "skip" for row in edits.values())


async def test_files_reach_the_other_side_with_the_number(staffed: Counter) -> None:
    filed = await staffed.file()
    await staffed.handle(BUDI, filed.number, Act.TAKE)
    letter = Attachment("document", "surat", "surat.pdf")
    await staffed.handle(BUDI, filed.number, Act.ASK, "Seperti ini?", attachments=(letter,))
    await staffed.handle(SITI, filed.number, Act.REPLY, "Ya", attachments=(Attachment("voice", "suara"),))

    assert sent(staffed, SITI) == [("sendDocument", "surat", filed.number)]
    assert sent(staffed, BUDI) == [("sendVoice", "suara", filed.number)]
    assert sent(staffed, RATNA) == []


async def test_who_blocked_the_bot_is_written_to_and_the_officer_is_told(staffed: Counter) -> None:
    async with staffed.store.transaction() as tx:
        await tx.save([Memory(SITI, language="id")], staffed.clock.now())
        details = Details("Siti", "Dinas Rekaan", "siti@example.go.id")
        await tx.employees.register(SITI, details, staffed.clock.now(), staffed.clock.now())
    filed = await staffed.file()
    await staffed.handle(BUDI, filed.number, Act.TAKE)
    await block(staffed, SITI)
    told = len(staffed.told(SITI))
    await staffed.handle(BUDI, filed.number, Act.ANSWER, "Sudah <b>kami</b> perbaiki & uji")

    assert len(staffed.told(SITI)) == told
    assert [mail["to"] for mail in staffed.mails()] == [["siti@example.go.id"]]
    assert "Sudah <b>kami</b> perbaiki & uji" in staffed.mails()[0]["text"]
    assert any(filed.number in said for said in staffed.told(BUDI)[-2:])


async def test_who_cannot_be_reached_at_all_is_told_to_the_officer(staffed: Counter) -> None:
    filed = await staffed.file()
    await staffed.handle(BUDI, filed.number, Act.TAKE)
    await block(staffed, SITI)
    before = len(staffed.told(BUDI))
    await staffed.handle(BUDI, filed.number, Act.ANSWER, "Sudah kami perbaiki")

    assert staffed.mails() == []
    assert len(staffed.told(BUDI)) == before + 2  # the word about it, and the card


# Escalation


async def test_an_official_without_a_chat_acts_by_one_time_links(counter: Counter) -> None:
    await counter.appoint(BUDI, Role.OFFICER, "Budi")
    await counter.appoint(None, Role.OFFICIAL, "Dewi", "dewi@example.go.id")
    filed = await counter.file()
    await counter.handle(BUDI, filed.number, Act.ESCALATE, "Bukan wewenang kami")
    (letter,) = counter.mails()

    assert letter["to"] == ["dewi@example.go.id"]
    assert letter["text"].count("https://pandu.example.go.id/aduan/token") == 4
    assert (await counter.follow("token1")).what == "done"
    assert (await counter.now(filed.number)).holder_name == "Dewi"
    assert (await counter.follow("token1")).what == "spent"
    assert (await counter.follow("token2", "Hubungi pusat")).what == "done"
    assert any("Hubungi pusat" in said for said in counter.told(BUDI))
    assert (await counter.follow("token4", "Selesai")).what == "refused"  # it is the officers' again
    assert (await counter.follow("unknown")).what == "spent"
    async with counter.store.reading() as tx:
        lines = [(line.action, line.details) for line in await tx.audit.last(2)]
    assert lines == [("complaint_direct", {"by": "link"}), ("complaint_take", {"by": "link"})]


async def test_a_link_ends_after_a_week_and_with_the_role(counter: Counter) -> None:
    number = await counter.appoint(None, Role.OFFICIAL, "Dewi", "dewi@example.go.id")
    await counter.file(confidential=True)
    async with counter.store.transaction() as tx:
        await tx.staff.revoke(number, counter.clock.now())
    assert (await counter.follow("token1")).what == "spent"

    await counter.appoint(None, Role.OFFICIAL, "Ratna", "ratna@example.go.id")
    await counter.file(confidential=True)
    counter.clock.advance(timedelta(days=7))
    assert (await counter.follow("token3")).what == "spent"


async def test_without_a_web_edge_a_letter_has_no_links(counter: Counter) -> None:
    counter.office.public_url = ""
    await counter.appoint(None, Role.OFFICIAL, "Dewi", "dewi@example.go.id")
    await counter.file(confidential=True)

    assert "/aduan/" not in counter.mails()[0]["text"]


async def test_each_repetition_is_a_letter_of_its_own(counter: Counter) -> None:
    await counter.appoint(None, Role.OFFICIAL, "Dewi", "dewi@example.go.id")
    filed = await counter.file(confidential=True)
    await counter.goes_on_until(at(MONDAY + 2, 9))

    packets = [mail for mail in counter.mails() if filed.number in mail["subject"]]
    assert len(packets) == 3
    assert len({mail["message_id"] for mail in packets}) == 3
    assert len({mail["reply_to"] for mail in packets}) == 1


# An outage of AMS


async def test_an_outage_stops_the_clocks_and_its_end_reaches_everybody_who_waits(staffed: Counter) -> None:
    filed = await staffed.file()
    await staffed.do(AGUS, DeclareOutage("AMS sedang diperbaiki"))
    stopped = await staffed.now(filed.number)
    later = await staffed.file(SITI + 900)
    staffed.clock.advance(timedelta(days=1))
    await staffed.do(AGUS, DeclareOutage())

    assert stopped.stopped_at == later.stopped_at == at(MONDAY)
    after = await staffed.now(filed.number)
    assert after.stopped_at is None
    assert after.due_at > filed.due_at
    assert any("AMS" in said for said in staffed.told(SITI))
    assert any("AMS" in said for said in staffed.told(SITI + 900))
    async with staffed.store.reading() as tx:
        assert await tx.outage() == ""


# What is looked at


async def block(counter: Counter, chat: int) -> None:
    async with counter.store.transaction() as tx:
        await tx.mark_unreachable([chat], counter.clock.now())


def sent(counter: Counter, chat: int) -> list[tuple[object, object, object]]:
    """The files that a chat was sent: how, which, and under which words."""
    rows = [row.payload for row in counter.handed if row.lane == f"telegram:{chat}"]
    found = []
    for payload in rows:
        params = payload["params"]
        assert isinstance(params, dict)
        found += [
            (payload["method"], params[kind], params["caption"]) for kind in ("document", "voice") if kind in params
        ]
    return found
