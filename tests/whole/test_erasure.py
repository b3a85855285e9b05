"""What is erased is nowhere any more: not in a table, not in the bytes of the file, not in a log."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from bot.sandbox import People, Sandbox
from conversations.text import N_
from storage import Store, tables
from tests.databases import RING, fresh_url
from tests.whole.applicant import REGISTERED, Applicant, says
from tests.whole.conftest import Figure
from tests.whole.program import Launcher, Program, eventually

SAID = "saya-tinggal-di-rumah-biru"


def bytes_of(file: Path) -> bytes:
    """The database with whatever lies beside it."""
    return b"".join(part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*")))


async def test_after_an_erasure_nothing_holds_the_person(
    launcher: Launcher, sandbox: Sandbox, people: People, tmp_path: Path, figure: Figure
) -> None:
    async with fresh_url("sqlite", tmp_path) as url, Program(launcher, sandbox.api_url, url, tmp_path) as program:
        program.env["PANDU_SMTP_URL"] = sandbox.smtp_url
        program.env["PANDU_MAIL_FROM"] = "Pandu <pandu@example.go.id>"
        file = Path(str(make_url(url).database))
        await program.serve()
        siti = Applicant(await people.add("Siti"), people)
        await siti.fills_in()
        await siti.person.start((await siti.reads()).token)
        await siti.person.hears(says(REGISTERED))
        await siti.person.says("/perbarui")
        await siti.person.says(SAID)
        await siti.person.says("/privasi")
        await siti.person.presses(says(N_("Send me a copy")))
        copy = await siti.person.waits(lambda chat: next((b for b in chat if b.kind == "document"), None))
        assert copy.from_bot
        canaries = [siti.nip, siti.email, siti.name, SAID, f"telegram:{siti.person.id}"]
        plain = [word for word in canaries[:4] if word.encode() in bytes_of(file)]
        await siti.person.says("/privasi hapus")
        await siti.person.presses(says(N_("Yes, erase everything")))
        await siti.person.waits(lambda chat: True if "terakhir" in chat[-1].text else None)

        async def scrubbed() -> bool:
            return not any(word.encode() in bytes_of(file) for word in canaries)

        await eventually(scrubbed, lambda: "the file to hold nothing of it")
        await program.stop()
        left = [word for word in canaries if word.encode() in bytes_of(file) or word in program.output]
        rows = await rows_of(url, siti.person.id)
        assert (plain, left, rows) == ([], [], 0)
        figure(
            f"Privacy: {len(canaries)} words of a person searched in {len(bytes_of(file)):,} bytes: "
            f"before the erasure {len(plain)} in clear, after it {len(left)}; rows left {rows}"
        )


async def rows_of(url: str, chat_id: int) -> int:
    """Rows of any table that name the chat."""
    async with await Store.open(url, ring=RING, read_only=True) as store, store.reading() as tx:
        found = 0
        for table in tables.metadata.sorted_tables:
            if "chat_id" in table.c:
                query = sa.select(sa.func.count()).select_from(table).where(table.c.chat_id == chat_id)
                found += (await tx._execute(query)).scalar_one()
        lanes = sa.select(sa.func.count()).where(tables.outbox.c.lane == f"telegram:{chat_id}")
        return found + int((await tx._execute(lanes)).scalar_one())


@pytest.mark.usefixtures("app")
async def test_a_later_message_begins_anew(people: People) -> None:
    siti = await people.add("Siti")
    await siti.start()
    await siti.says("/privasi hapus")
    await siti.presses(says(N_("Yes, erase everything")))
    await siti.waits(lambda chat: True if "terakhir" in chat[-1].text else None)
    await siti.start()
    await siti.hears("Selamat datang")
