"""What keeps the tables in order, in statements: the inbox, the intake, dead letters, purge and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.records import DeadLetter
from storage.tables import SENT, TROUBLED, dead_letters, inbox, intake, metadata, outbox, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from storage.tables import Row


SEEN = sa.select(inbox.c.key).where(inbox.c.key.in_(sa.bindparam("keys", expanding=True)))
REMEMBER = sa.insert(inbox).inline()

# Whoever takes the lead takes the whole row; who checks the lead holds its key. So relay and turn do not wait for each
# other, both wait for a change of the lead, and a change of the lead waits for what they have begun.
LEAD = sa.select(intake.c.epoch).with_for_update()
TAKE_LEAD = sa.update(intake).values(epoch=sa.bindparam("new_epoch"))
FENCE = sa.select(intake.c.epoch).with_for_update(read=True, key_share=True)
ADVANCE = (
    sa.update(intake).where(intake.c.epoch == sa.bindparam("our_epoch")).values(next_offset=sa.bindparam("offset"))
)
NEXT_OFFSET = sa.select(intake.c.next_offset)

BURY = sa.insert(dead_letters).inline()
DEAD_LETTERS = (
    sa.select(dead_letters)
    .order_by(dead_letters.c.at.desc(), dead_letters.c.reference)
    .limit(sa.bindparam("rows", type_=sa.Integer))
)

_before = sa.bindparam("before", type_=inbox.c.at.type)


def _some(key: sa.Column[Any], *old: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """As many of the rows that are `old` as may go at once: neither database can limit a DELETE by itself."""
    return key.in_(sa.select(key).where(*old).limit(sa.bindparam("rows", type_=sa.Integer)))


# Table and statement, by the field of `Horizons` that they go by. A message that nobody saw arrive is as old as the
# moment at which it was last due. A session that is forgotten starts over; person, certificate and reminder stay.
PURGE: Mapping[str, tuple[tuple[str, sa.Delete | sa.Update], ...]] = {
    "inbox": (("inbox", sa.delete(inbox).where(_some(inbox.c.key, inbox.c.at < _before))),),
    "sent": (("outbox", sa.delete(outbox).where(_some(outbox.c.id, SENT, outbox.c.sent_at < _before))),),
    "troubled": (
        ("outbox", sa.delete(outbox).where(_some(outbox.c.id, TROUBLED, outbox.c.due_at < _before))),
        ("dead_letters", sa.delete(dead_letters).where(_some(dead_letters.c.reference, dead_letters.c.at < _before))),
    ),
    "idle": (
        (
            "sessions",
            sa.update(sessions)
            .where(_some(sessions.c.chat_id, sessions.c.updated_at < _before, sessions.c.body.is_not(None)))
            .values(body=None, screen=None),
        ),
    ),
}

COUNTS = sa.select(
    *(
        sa.select(sa.func.count()).select_from(table).scalar_subquery().label(table.name)
        for table in metadata.sorted_tables
    ),
)


def to_letter(row: sa.RowMapping) -> DeadLetter:
    return DeadLetter(**row)


def from_letter(letter: DeadLetter) -> Row:
    return {
        "reference": letter.reference,
        "key": letter.key,
        "chat_id": letter.chat_id,
        "raw": letter.raw,
        "error": letter.error,
        "at": letter.at,
    }
