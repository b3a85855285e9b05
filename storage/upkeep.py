"""What keeps the tables in order, in statements: the inbox, the intake, dead letters, purge and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from storage.complaint_tables import OPEN, WRITTEN, complaints, web_links
from storage.packing import legible
from storage.records import DeadLetter
from storage.tables import (
    HOLDS,
    SENT,
    TROUBLED,
    dead_letters,
    inbox,
    intake,
    metadata,
    outbox,
    proof_mails,
    proofs,
    renewals,
    sessions,
    staff,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from storage.tables import Row
    from storage.vault import Vault


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
_rows = sa.bindparam("rows", type_=sa.Integer)


class Rule:
    """What goes at a horizon: rows of a table that are `old`, or only their values, which are `blanked`."""

    def __init__(self, key: sa.Column[Any], *old: sa.ColumnElement[bool], blanked: Row | None = None) -> None:
        self.table = key.table.name
        # Neither database can limit a DELETE by itself.
        some = key.in_(sa.select(key).where(*old).limit(_rows))
        self.forget: sa.Delete | sa.Update = sa.delete(key.table).where(some)
        if blanked:
            self.forget = sa.update(key.table).where(some).values(**blanked)
        self.count = sa.select(sa.func.count()).select_from(key.table).where(*old)


# By the field of `Horizons` that they go by. A message that nobody saw arrive is as old as the moment at which it was
# last due. A session that is forgotten starts over; person, certificate and reminder stay.
RULES: Mapping[str, tuple[Rule, ...]] = {
    "inbox": (Rule(inbox.c.key, inbox.c.at < _before),),
    "sent": (Rule(outbox.c.id, SENT, outbox.c.sent_at < _before),),
    "troubled": (
        Rule(outbox.c.id, TROUBLED, outbox.c.due_at < _before),
        Rule(dead_letters.c.reference, dead_letters.c.at < _before),
    ),
    "idle": (
        Rule(
            sessions.c.chat_id,
            sessions.c.updated_at < _before,
            sessions.c.body.is_not(None),
            blanked={"body": None, "screen": None},
        ),
    ),
    "proofs": (Rule(proofs.c.chat_id, proofs.c.expires_at < _before),),
    "proof_mails": (Rule(proof_mails.c.id, proof_mails.c.at < _before),),
    "renewals": (Rule(renewals.c.id, renewals.c.issued_at < _before),),
    "links": (Rule(web_links.c.id, web_links.c.until < _before),),
}

# Complaints are blanked, with what hangs on them: see `Blanking`.
_CLOSED = (WRITTEN, ~OPEN, complaints.c.closed_at < _before)
CLOSED = sa.select(complaints.c.id).where(*_CLOSED).order_by(complaints.c.id).limit(_rows)
COUNT_CLOSED = sa.select(sa.func.count()).select_from(complaints).where(*_CLOSED)

# People go whole, with what does not hang on their row: see `Belongings.erase`.
_UNHEARD = (sessions.c.updated_at < _before, ~sa.exists().where(staff.c.chat_id == sessions.c.chat_id, HOLDS))
UNHEARD = sa.select(sessions.c.chat_id).where(*_UNHEARD).order_by(sessions.c.chat_id).limit(_rows)
COUNT_UNHEARD = sa.select(sa.func.count()).select_from(sessions).where(*_UNHEARD)

COUNTS = sa.select(
    *(
        sa.select(sa.func.count()).select_from(table).scalar_subquery().label(table.name)
        for table in metadata.sorted_tables
    ),
)


def to_letter(row: sa.RowMapping, vault: Vault) -> DeadLetter:
    raw, error = (vault.open(column, row[column.name]) for column in (dead_letters.c.raw, dead_letters.c.error))
    return DeadLetter(**{**row, "raw": raw, "error": error})


def from_letter(letter: DeadLetter, vault: Vault) -> Row:
    return {
        "reference": letter.reference,
        "key": letter.key,
        "chat_id": letter.chat_id,
        "raw": vault.seal(dead_letters.c.raw, legible(letter.raw)),
        "error": vault.seal(dead_letters.c.error, legible(letter.error)),
        "at": letter.at,
    }
