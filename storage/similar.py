"""Answers that solved what somebody else complained of in similar words.

A full-text index, SQLite's FTS5 as well as PostgreSQL's, keeps the words themselves in tables of its own: it would lay
open what is sealed beside it. So what is indexed is the keyed fingerprint of each stem. Whoever steals the file sees
that two complaints share a word, and not which. It works the same on both databases; ranking is by how many are shared.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from conversations.complaint import Act, Status
from storage.complaint_tables import complaint_words, complaints, happenings
from storage.part import Part
from storage.words import stems

ENOUGH: Final = 2
"""Words that two complaints share to be called similar: one is often that of the service itself."""

_complaint_id = sa.select(complaints.c.id).where(complaints.c.number == sa.bindparam("which")).scalar_subquery()
_shared = sa.func.count()

LEARN = sa.insert(complaint_words).inline()
COMPLAINT_ID = sa.select(_complaint_id)
LIKELY = (
    sa.select(complaints.c.id)
    .join_from(complaint_words, complaints)
    .where(
        complaint_words.c.word_lookup.in_(sa.bindparam("words", expanding=True)),
        complaints.c.status == Status.SOLVED.value,  # as the employee says: who is silent may have given up
        complaints.c.number != sa.bindparam("besides"),
        sa.exists().where(
            happenings.c.complaint_id == complaints.c.id,
            happenings.c.act == Act.ANSWER.value,
            happenings.c.text.is_not(None),
        ),
    )
    .group_by(complaints.c.id)
    .having(_shared >= sa.bindparam("enough", type_=sa.Integer))
    .order_by(_shared.desc(), complaints.c.id.desc())
    .limit(sa.bindparam("rows", type_=sa.Integer))
)
ANSWER = (
    sa.select(happenings.c.text)
    .where(
        happenings.c.complaint_id == sa.bindparam("answered", type_=sa.BigInteger),
        happenings.c.act == Act.ANSWER.value,
        happenings.c.text.is_not(None),
    )
    .order_by(happenings.c.id.desc())
    .limit(1)
)


class Similar(Part):
    """What `tx.complaints` knows of words."""

    async def similar(self, text: str, limit: int = 3, *, besides: str = "") -> tuple[str, ...]:
        """The last answers to complaints that read like `text` and were solved by them, the most alike first.

        None of confidential ones; `besides` is the number of the complaint that is asked about.
        """
        words = self._lookups(text)
        if not words:
            return ()
        asked = {"words": words, "besides": besides, "enough": min(ENOUGH, len(words)), "rows": 4 * limit}
        answers: dict[str, None] = {}  # a set that keeps the order: canned answers are given many times
        for complaint_id in (await self._execute(LIKELY, asked)).scalars().all():
            sealed: bytes = (await self._execute(ANSWER, {"answered": complaint_id})).scalar_one()
            answers[self._vault.open(happenings.c.text, sealed)] = None
            if len(answers) == limit:
                break
        return tuple(answers)

    async def _learn(self, number: str, text: str) -> None:
        words = self._lookups(text)
        if words:
            complaint_id = (await self._execute(COMPLAINT_ID, {"which": number})).scalar_one()
            await self._execute(LEARN, [{"complaint_id": complaint_id, "word_lookup": word} for word in words])

    def _lookups(self, text: str) -> list[str]:
        return sorted(self._vault.fingerprint("word", stem) for stem in stems(text))
