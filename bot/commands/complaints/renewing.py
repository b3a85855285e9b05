"""How far who complains is with the renewal, looked up when staff are about to be shown the complaint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.scene import chat_of
from conversations import session as sessions
from conversations.complaint import ENDED
from conversations.progress import progress

if TYPE_CHECKING:
    from bot.commands.complaints.matter import Matter
    from conversations.complaint import Complaint
    from conversations.progress import Progress


async def progress_of(matter: Matter, complaint: Complaint) -> Progress | None:
    """As it stands at this moment; None after an erasure, and of what has ended: nobody needs to know it any more."""
    if complaint.person is None or complaint.status in ENDED:
        return None
    chat_id = chat_of(complaint.person)
    kept = await matter.tx.renewals.of(chat_id)
    here = matter.post.outcome.memories.get(chat_id) or kept  # this batch may have moved it, and stores that at its end
    return progress(sessions.load(here.session), here.expires_on, kept.renewals, matter.at, matter.book)
