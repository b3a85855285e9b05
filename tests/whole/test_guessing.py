"""A code cannot be found by guessing: five are compared, whatever is tried how often."""

from __future__ import annotations

import re

from storage import Store
from tests.clocks import FakeClock
from tests.databases import RING
from tests.whole.applicant import EMAIL, NAME, NIP
from tests.whole.conftest import Figure
from tests.whole.desk import Desk, said

SITI = 710_000_101
STRIDE, AT_ONCE = 499, 100
FORM = ("/daftar", "Saya setuju", NIP, NAME, "Dinkes", EMAIL, "Benar, kirim e-mail")


async def test_of_thousands_of_guesses_five_are_compared(url: str, kind: str, figure: Figure) -> None:
    async with await Store.open(url, ring=RING) as store:
        desk = Desk(store, FakeClock())
        for number, text in enumerate(FORM, 1):
            await desk.take([said(number, SITI, text=text)])
        (mail,) = [row for row in desk.handed if row.channel.value == "mail"]
        found = re.search(r"\b(\d{6})\b", str(mail.payload["text"]))
        assert found is not None
        guesses = [guess for guess in (f"{number:06d}" for number in range(0, 1_000_000, STRIDE)) if guess != found[1]]
        for start in range(0, len(guesses), AT_ONCE):
            batch = guesses[start : start + AT_ONCE]
            await desk.take([said(100 + start + place, SITI, text=guess) for place, guess in enumerate(batch)])
        async with store.reading() as tx:
            assert await tx.proofs.of(SITI) is None
            assert await tx.employees.of(SITI) is None
            guessed = [row.action for row in await tx.audit.last(100)]
        await desk.take([said(99_999, SITI, text=found[1])])
        async with store.reading() as tx:
            assert await tx.employees.of(SITI) is None
    compared = sum(
        "kali kesempatan" in str(row.payload) for row in desk.handed if "editMessage" not in str(row.payload)
    )
    assert guessed == ["code_guessed"]
    assert compared == 4
    figure(f"Registration: {len(guesses)} guesses, {compared + 1} compared ({kind})")
