"""What Telegram and the network do on a bad day, and that every message ends as it should (G4, G7)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import aiohttp
import pytest

from bot.app import App
from bot.clock import MovableClock
from bot.sandbox import Bubble, Fault, People, Person, Sandbox
from tests.whole import ledger
from tests.whole.conftest import Figure
from tests.whole.program import TOKEN, Program, eventually
from tests.whole.walk import ANSWERS, seeded, walk

GREETING = "Selamat datang"
WAITING = ANSWERS[: ANSWERS.index("Sudah terbit")]
"""The answers after which the guide waits, and an alarm is set."""

RESENT: dict[str, tuple[Fault, int]] = {
    "500": (Fault(answer="error", code=500), 1),
    "502 after it was carried out": (Fault(answer="error", code=502, carried_out=True), 2),
    "reset": (Fault(answer="reset"), 1),
    "reset after it was carried out": (Fault(answer="reset", carried_out=True), 2),
    "time-out": (Fault(answer="silence"), 1),
    "time-out after it was carried out": (Fault(answer="silence", carried_out=True), 2),
    "500 three times": (Fault(answer="error", code=500, times=3), 1),
}
"""Faults that leave unknown whether an answer was sent: it is sent again. How many copies that makes."""


UNFETCHED = (
    Fault(answer="error", code=502, times=5),
    Fault(answer="error", code=429, retry_after=7),
    Fault(answer="reset", times=3),
)
REFUSALS = 9


async def states(app: App, chat: int) -> list[str]:
    """How the messages of a chat stand, first to last."""
    return [row.state for row in (await ledger.ledger_of(app.store)).outbox if row.chat == chat]


async def settle(app: App, chat: int, messages: int) -> None:
    """Wait until so many messages of a chat are sent, and none waits."""

    async def sent() -> bool:
        return await states(app, chat) == ["sent"] * messages

    await eventually(sent, lambda: f"{messages} messages to be sent")


def greetings(chat: list[Bubble]) -> int:
    return sum(GREETING in bubble.text for bubble in chat if bubble.from_bot)


async def is_unreachable(app: App, chat: int) -> bool:
    async with app.store.reading() as tx:
        memory = (await tx.memories([chat])).get(chat)
    return memory is not None and memory.unreachable_since is not None


async def wait_for_issue(person: Person) -> None:
    """Walk until the guide waits for the certificate; then an alarm is set."""
    await walk(person, seeded(4), WAITING)
    await person.hears("Langkah 6 dari 6")


async def test_an_answer_whose_fate_is_unknown_is_sent_again(app: App, people: People, figure: Figure) -> None:
    async def meets(fault: Fault, copies: int) -> int:
        person = await people.add("Siti")
        await people.fail(fault.model_copy(update={"method": "sendMessage", "chat_id": person.id}))
        await person.start()
        await person.waits(lambda chat: greetings(chat) == copies, within=30)
        await settle(app, person.id, 1)
        assert greetings(await person.looks()) == copies
        return copies

    made = await asyncio.gather(*(meets(fault, copies) for fault, copies in RESENT.values()))
    figure(
        f"G4: {len(RESENT)} kinds of time-out, reset and 5xx; silent 0, second copies {sum(made) - len(made)}, each "
        "after a request that may have been carried out"
    )


async def test_a_reminder_whose_fate_is_unknown_is_not_sent_again(
    app: App, people: People, clock: MovableClock, figure: Figure
) -> None:
    siti = await people.add("Siti")
    await wait_for_issue(siti)
    await settle(app, siti.id, len(await states(app, siti.id)))
    await people.fail(Fault(answer="reset", carried_out=True, method="sendMessage"))
    before = len(siti.chat)
    async with app.store.reading() as tx:
        due = await tx.next_alarm()
    assert due is not None
    await people.pass_time(due - clock.now())
    await siti.hears("Selamat bekerja")

    async def marked() -> bool:
        return "unknown" in await states(app, siti.id)

    await eventually(marked, lambda: "the reminder to be marked")
    assert len(siti.chat) == before + 1
    figure("G4: a reminder after a reset: sent once, marked unknown")


async def test_nothing_is_called_while_telegram_asks_to_wait(app: App, people: People, figure: Figure) -> None:
    siti, *others = [await people.add(f"Orang {number}") for number in range(21)]
    seconds = 3
    await people.fail(Fault(answer="error", code=429, retry_after=seconds, method="sendMessage"))
    await siti.start()

    async def refused() -> bool:
        return any(call.status == 429 for call in await people.calls())

    await eventually(refused, lambda: "the 429")
    await asyncio.gather(*(other.start() for other in others))
    await asyncio.gather(*(person.hears(GREETING) for person in (siti, *others)))
    calls = [call for call in await people.calls() if call.method != "getupdates"]
    asked_at = next(call.at for call in calls if call.status == 429)
    inside = [call for call in calls if asked_at < call.at < asked_at + seconds]
    assert inside == []
    await settle(app, siti.id, 1)
    figure(f"G7: 429 for {seconds} s while {len(others)} people write; calls inside 0, delivered 100 %")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(answer="error", code=403, method="sendMessage"),
        Fault(answer="error", code=400, description="Bad Request: chat not found", method="sendMessage"),
    ],
    ids=["blocked", "chat not found"],
)
async def test_a_person_who_cannot_be_reached_comes_back(app: App, people: People, fault: Fault) -> None:
    siti = await people.add("Siti")
    await people.fail(fault)
    await siti.start()
    await eventually(lambda: is_unreachable(app, siti.id), lambda: "her to be marked")
    assert await states(app, siti.id) == ["dead"]
    await siti.says("/start")
    await siti.hears(GREETING)
    assert not await is_unreachable(app, siti.id)


async def test_someone_blocks_the_bot_and_unblocks_it(app: App, people: People) -> None:
    siti = await people.add("Siti")
    await siti.start()
    await siti.hears(GREETING)
    await siti.blocks()
    await eventually(lambda: is_unreachable(app, siti.id), lambda: "her to be marked")
    await siti.unblocks()
    await siti.says("/menu")
    await siti.hears("Apa yang dapat saya bantu")
    assert not await is_unreachable(app, siti.id)


async def test_a_change_that_changes_nothing_is_done(app: App, people: People) -> None:
    siti = await people.add("Siti")
    await siti.start()
    await siti.hears(GREETING)
    words = "Bad Request: message is not modified: specified new message content is exactly the same"
    await people.fail(Fault(answer="error", code=400, description=words, method="editMessageText"))
    await siti.presses("Perbarui sertifikat")
    await settle(app, siti.id, 2)


async def test_updates_that_cannot_be_fetched_come_later(app: App, people: People, figure: Figure) -> None:
    siti = await people.add("Siti")
    await siti.start()
    await siti.hears(GREETING)
    for fault in UNFETCHED:
        await people.fail(fault.model_copy(update={"method": "getUpdates"}))
    await siti.says("/menu")  # comes with the request that is open already; the next ones meet the faults
    await siti.hears("Apa yang dapat saya bantu")

    async def refused() -> int:
        return sum(call.method == "getupdates" and call.status != 200 for call in await people.calls())

    async def all_refused() -> bool:
        await people.pass_time(timedelta(seconds=31))  # each pause is over at once
        return await refused() >= REFUSALS

    await eventually(lambda: some(refused), lambda: "the first refusal")
    await siti.says("/perbarui")
    await eventually(all_refused, lambda: "all faults to strike")
    await siti.hears("enam langkah")
    await settle(app, siti.id, 3)
    assert len(siti.chat) == 6
    figure(f"G1: getUpdates refused {REFUSALS} times in a row; lost 0")


async def some(count: Callable[[], Awaitable[int]]) -> bool:
    return await count() > 0


async def test_a_second_poller_gets_in_the_way_and_leaves(app: App, people: People, sandbox: Sandbox) -> None:
    siti = await people.add("Siti")
    await siti.start()
    await siti.hears(GREETING)
    async with aiohttp.ClientSession() as http:

        async def polls() -> int:
            address = f"{sandbox.api_url}/bot{TOKEN}/getUpdates"
            async with http.post(address, json={"timeout": 1}) as answer_:
                return answer_.status

        assert [await polls() for _ in range(3)].count(200) > 0
    assert 409 in {call.status for call in await people.calls()}
    await siti.says("/perbarui")
    await siti.hears("enam langkah", within=20)
    assert len([one for one in siti.chat if "enam langkah" in one.text]) == 1
    await settle(app, siti.id, 2)


async def test_a_token_that_is_revoked_stops_sending_and_loses_nothing(
    app: App, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    persons = [await people.add("Siti"), await people.add("Budi"), await people.add("Ratna")]
    for person in persons:
        await person.start()
        await person.hears(GREETING)
    before = len(await people.calls())
    await people.fail(Fault(answer="error", code=401, method="sendMessage", times=None))
    for person in persons:
        await person.says("/status")

    async def handled() -> bool:
        return all([len(await states(app, person.id)) == 2 for person in persons])

    await eventually(handled, lambda: "all to be handled")
    alarm = "Nothing is sent, everything stays queued"
    await eventually(lambda: alarm in caplog.text, lambda: "the alarm")
    refused = [call for call in (await people.calls())[before:] if call.status == 401]
    await people.heal()
    for person in persons:
        assert (await states(app, person.id))[-1] == "queued"
    await people.pass_time(timedelta(seconds=61))
    for person in persons:
        await person.hears("tidak ada pembaruan")
    assert len(refused) <= len(persons)
    assert caplog.text.count(alarm) == 1


async def test_a_wrong_token_is_said_in_one_sentence(program: Program, people: People) -> None:
    program.env["PANDU_TELEGRAM_TOKEN"] = "4242424242:AAanother-token-0123456789"
    program.start()
    assert await program.ended() == 2
    assert program.output == "Telegram refuses the token. Check PANDU_TELEGRAM_TOKEN with BotFather.\n"
    assert {call.status for call in await people.calls()} == {401}
