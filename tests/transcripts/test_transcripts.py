"""Every `*.txt` beside this file is a chat as people read it; it must come out the same, on both databases.

`pytest tests/transcripts --rewrite` writes the answers anew from the lines that begin with `>` and `@`; read the
difference before you keep it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chat import WIB, Chat, chat_on
from tests.clocks import FakeClock
from tests.databases import KINDS, Kind, fresh_url

FILES = sorted(Path(__file__).parent.glob("*.txt"))
PRESSES = re.compile(r"> (\w+) presses (old )?\[(.+)\]$")
SENDS = re.compile(r"> (\w+) sends (\w+)$")
PRESS = re.compile(r"> (\w+(?:, \w+)+) press \[(.+)\]$")
REPLIES = re.compile(r"> (\w+) replies: (.+)$")
REPLIES_WITH = re.compile(r"> (\w+) replies with (\w+)$")
BLOCKS = re.compile(r"> (\w+) (un)?blocks the bot$")
UNHEARD = re.compile(r"> (\w+) blocks the bot unheard$")
NO_MAIL = re.compile(r"> The mail of (\w+) is refused$")
ANSWERS = re.compile(r"> (\w+) answers by mail: (.+)$")
AWAY = re.compile(r"> (\w+) is out of office until (.+)$")
COMES_BACK = re.compile(r"> The mail of (\w+) (comes back|is delayed)$")
FOLLOWS = re.compile(r"> (\w+) follows link (\d+)(?:: (.+))?$")
OPENS = re.compile(r"> (\w+) opens the link$")
SAYS = re.compile(r"> (\w+): (.+)$")
STAFF = re.compile(r"# staff: (\w+) (\w+)( by mail)?$")

EMPLOYEE = re.compile(r"# employee: (\w+)$")


def read(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def write(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines), encoding="utf-8")


async def play(script: list[str], chat: Chat) -> None:  # noqa: C901, PLR0912 - one line a kind of line
    for line in script:
        if match := PRESSES.match(line):
            await chat.presses(match[1], match[3], oldest=bool(match[2]))
        elif match := SENDS.match(line):
            await chat.sends(match[1], match[2])
        elif match := PRESS.match(line):
            await chat.press(match[1].split(", "), match[2])
        elif match := REPLIES.match(line):
            await chat.replies(match[1], match[2])
        elif match := REPLIES_WITH.match(line):
            await chat.replies_with(match[1], match[2])
        elif match := BLOCKS.match(line):
            await chat.blocks(match[1], back=bool(match[2]))
        elif match := UNHEARD.match(line):
            chat.blocks_unheard(match[1])
        elif match := NO_MAIL.match(line):
            chat.refuses_mail(match[1])
        elif match := ANSWERS.match(line):
            await chat.answers_by_mail(match[1], match[2])
        elif match := AWAY.match(line):
            await chat.is_out_of_office(match[1], match[2])
        elif match := COMES_BACK.match(line):
            await chat.mail_comes_back(match[1], late=match[2] == "is delayed")
        elif match := FOLLOWS.match(line):
            await chat.follows_link(match[1], int(match[2]), match[3] or "")
        elif match := OPENS.match(line):
            await chat.opens_the_link(match[1])
        elif match := SAYS.match(line):
            await chat.says(match[1], match[2])
        else:
            await chat.waits_until(line.removeprefix("@ "))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_transcript(file: Path, kind: Kind, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    lines = read(file)
    head = [line for line in lines if line.startswith("#")]
    script = [line for line in lines if line.startswith((">", "@"))]
    language = "en" if "# language: en" in head else "id"
    first = datetime.strptime(script[0], "@ %Y-%m-%d %H.%M").replace(tzinfo=WIB).astimezone(UTC)
    async with fresh_url(kind, tmp_path) as url, chat_on(url, FakeClock(first), language=language) as chat:
        for role in filter(None, map(STAFF.match, head)):
            await chat.appoint(role[1], role[2], by_mail=bool(role[3]))
        chat.office.reads_mail = "# mail is read" in head
        for employee in filter(None, map(EMPLOYEE.match, head)):
            await chat.register(employee[1])
        await play(script, chat)
    if request.config.getoption("--rewrite"):
        write(file, [*head, "", *chat.log, ""])
    else:
        assert [line for line in chat.log if line] == [line for line in lines if line and not line.startswith("#")]
