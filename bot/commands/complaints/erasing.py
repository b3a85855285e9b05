"""Somebody has everything erased: what is open is withdrawn, staff hear of it, and no screen shows the words any more.

Storage takes the words out of the tables afterwards, also of a complaint that cannot be read here.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.commands.complaints import course, screens
from bot.commands.complaints.matter import Matter
from conversations import case
from conversations.case import Actor
from conversations.complaint import Act
from storage import SealBroken

if TYPE_CHECKING:
    from bot.commands.office import Errand

log = logging.getLogger(__name__)


async def let_go(errand: Errand) -> None:
    """Withdraw whatever this chat has filed, and take it off the screens of staff."""
    matter = Matter.of(errand)
    for number in await matter.tx.complaints.numbers_of(errand.chat_id):
        try:
            await _let_go(matter, number)
        except SealBroken:
            log.warning("%s cannot be read; it is withdrawn without a word", number)


async def _let_go(matter: Matter, number: str) -> None:
    before = await matter.tx.complaints.get(number)
    if before is None:
        return
    who = Actor("employee")
    after = case.step(before, Act.WITHDRAW, who, matter.at, matter.book)
    if after is None:  # it has ended, and only the cards still tell what it was about
        await screens.renew(matter, case.wordless(before), (), dict(await matter.tx.complaints.card_keys(number)))
    else:
        line = case.happening(Act.WITHDRAW, who, matter.at, matter.channel)
        await course.goes_on(matter, before, case.wordless(after), line)
