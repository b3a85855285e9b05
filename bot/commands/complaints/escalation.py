"""The packet: everything about a complaint goes to the officials by mail, with links to act for who has no chat.

Letters go beside the messages on Telegram. Each repetition is another letter with a Message-ID of its own, made of the
number and of the version of the complaint, so that a second copy after an unknown outcome is recognised.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.complaints.about import About
from bot.commands.complaints.access import others, vacant
from bot.commands.complaints.duty import has_mail, on_duty, within_reach
from bot.mail import thread
from bot.mail.packet import Addressee, packet
from bot.web.links import ACTS, LIFETIME, PURPOSE, link_to
from conversations import case
from conversations.complaint import BACK, Level, Mark, Status
from conversations.people import Role
from storage.records import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.commands.complaints.matter import Matter
    from conversations.complaint import Act, Complaint, Happening
    from conversations.progress import Progress
    from storage.records import StaffRow

_UNTAKEN = frozenset({Status.ESCALATED, Status.REOPENED})


def is_due(before: Complaint | None, after: Complaint, happening: Happening) -> bool:
    """Whether this is the moment at which the officials get everything: it has come to them, or nobody took it yet."""
    if after.level is not Level.OFFICIAL or after.status not in _UNTAKEN:
        return False
    return before is None or before.status is not after.status or happening.act == Mark.PACKET


async def send(
    matter: Matter, complaint: Complaint, history: Sequence[Happening], progress: Progress | None, *, again: bool
) -> None:
    """Write to every official on duty who has an address."""
    officials = on_duty(await others(matter.tx, complaint.person), Role.OFFICIAL, matter.today)
    for member in await within_reach(matter, officials):
        await write(matter, member, complaint, history, progress, copy=complaint.nudges if again else 0)


async def write(
    matter: Matter,
    member: StaffRow,
    complaint: Complaint,
    history: Sequence[Happening],
    progress: Progress | None,
    *,
    copy: int = 0,
) -> None:
    """Write to one official; nothing, if they have no address or no mail leaves here."""
    if not member.email or not has_mail(matter, member):
        return
    signature = matter.tx.fingerprint(thread.PURPOSE, complaint.number)
    links = await _links(matter, complaint, member) if member.chat_id is None else {}
    chat = matter.office.chat if member.chat_id is not None else ""
    letter = packet(
        complaint, history, matter.book, matter.post.catalog_of(None),
        Addressee(member.name, member.email, links, chat), signature=signature, progress=progress,
        copy=copy, answers_read=matter.office.reads_mail,
    )  # fmt: skip
    letter = replace(letter, message_id=thread.message_id(complaint.number, signature, complaint.version))
    lane = f"mail:staff:{member.id}"
    about = About(complaint.number, complaint.version, member.id).write()
    matter.post.outcome.add(matter.post.key(), lane, letter.payload(), matter.at, channel=Channel.MAIL, about=about)


async def _links(matter: Matter, complaint: Complaint, member: StaffRow) -> dict[Act, str]:
    """One-time addresses for what stands open to the official; none where there is no web edge to open them."""
    links: dict[Act, str] = {}
    alone = Level.OFFICER in await vacant(matter, complaint.person)
    for act in ACTS if matter.office.public_url else ():
        if case.may(complaint, "official", act) and not (alone and act in BACK):
            token = matter.office.tokens.token()
            lookup = matter.tx.fingerprint(PURPOSE, token)
            await matter.tx.links.make(lookup, complaint.number, act, member.id, matter.at + LIFETIME)
            links[act] = link_to(matter.office.public_url, token)
    return links
