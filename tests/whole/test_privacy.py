"""Whatever happens, no log says who wrote what: no token, no words of a chat, no number of a person.

Every other test of the whole program looks at that too, when it puts its program away.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox import Fault, People
from tests.databases import fresh_url
from tests.whole.conftest import Figure, polled
from tests.whole.program import TOKEN, Launcher, Program, eventually, leaks
from tests.whole.test_faults import wait_for_issue
from tests.whole.walk import seeded, walk

TROUBLE = (
    Fault(answer="error", code=403, method="sendMessage"),
    Fault(answer="error", code=400, description="Bad Request: rahasia-saya is no chat", method="sendMessage"),
    Fault(answer="error", code=400, description="Bad Request: chat not found", method="sendMessage"),
    Fault(answer="error", code=429, retry_after=1, method="sendMessage"),
    Fault(answer="reset", method="sendMessage", times=2),
    Fault(answer="error", code=500, method="getUpdates", times=2),
    Fault(answer="reset", method="getUpdates"),
    Fault(answer="error", code=409, method="getUpdates"),
)


async def test_logs_of_a_bad_day_tell_nothing(program: Program, people: People, figure: Figure) -> None:
    siti = await people.add("Siti")
    await program.serve()
    for fault in TROUBLE:
        await people.fail(fault)
        await siti.start() if fault is TROUBLE[0] else await siti.says("rahasia-saya")
    await siti.hears("tombol di bawah", within=40)
    await people.put_update({"message": {"from": {"id": siti.id}, "chat": {"id": siti.id}, "text": "rahasia-saya"}})
    await people.put_update({"message": {"chat": {"id": siti.id, "type": "private"}, "text": "rahasia-saya"}})
    await siti.hears("gangguan di pihak kami", within=40)
    await walk(siti, seeded(13))
    await program.stop()
    assert program.output.count("\n") > len(TROUBLE)
    assert leaks(program.output) == []
    figure(f"Privacy: {program.output.count(chr(10))} log lines of a bad day, secrets in them 0")


async def test_a_reminder_that_cannot_be_delivered_tells_nothing(launcher: Launcher, tmp_path: Path) -> None:
    async with fresh_url("sqlite", tmp_path) as url, Program(launcher, None, url, tmp_path) as program:
        program.env["PANDU_LOG_FORMAT"] = "json"
        program.start()
        await program.says("Open http")
        async with People(program.page()) as people:
            await polled(people)
            siti = await people.named("Siti")
            await wait_for_issue(siti)
            await people.fail(Fault(answer="error", code=403, method="sendMessage", times=None))

            async def rang() -> bool:
                await people.pass_time(timedelta(hours=1))
                return "ended dead" in program.output

            await eventually(rang, lambda: "the reminder of a working day")
        await program.stop()
        assert leaks(program.output) == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"POST /bot{TOKEN}/sendMessage", ["/bot4242424242", "canary"]),
        ("Message telegram:100000017:0 ended dead", []),
        ("chat 710000101 is gone", ["710000101"]),
    ],
)
def test_what_counts_as_a_leak(line: str, found: list[str]) -> None:
    assert leaks(line) == found
