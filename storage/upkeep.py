"""What keeps the tables in order, in statements: the inbox, the intake, dead letters, purge and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from conversations.people import Role
from storage.complaint_tables import OPEN, WRITTEN, complaints, web_links
from storage.packing import legible
from storage.records import DeadLetter
from storage.sealing import EMPTY
from storage.tables import (
    HOLDS,
    SENT,
    TROUBLED,
    dead_letters,
    inbox,
    intake,
    metadata,
    outbox,
    people,
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

    def __init__(
        self,
        key: sa.Column[Any],
        *old: sa.ColumnElement[bool],
        blanked: Mapping[str, object] | None = None,
        emptied: sa.Column[bytes] | None = None,
    ) -> None:
        self.table = key.table.name
        self._emptied = emptied  # a sealed column that cannot be NULL
        # Neither database can limit a DELETE by itself.
        some = key.in_(sa.select(key).where(*old).limit(_rows))
        self.forget: sa.Delete | sa.Update = sa.delete(key.table).where(some)
        if blanked:
            empty = {} if emptied is None else {emptied.name: sa.bindparam("empty", type_=sa.LargeBinary)}
            self.forget = sa.update(key.table).where(some).values(**blanked, **empty)
        self.count = sa.select(sa.func.count()).select_from(key.table).where(*old)

    def values(self, vault: Vault) -> Row:
        """What `forget` takes beside the horizon and the number of rows."""
        return {} if self._emptied is None else {"empty": vault.seal(self._emptied, "")}


_other = staff.alias("other")
_UNACCEPTED = sa.and_(
    HOLDS,
    staff.c.accepted_at.is_(None),
    staff.c.token_until < _before,
    # An official may be reached by mail alone, and never open the link; a deputy is somebody's.
    sa.or_(staff.c.role != Role.OFFICIAL.value, staff.c.email.is_(None)),
    ~sa.exists().where(_other.c.deputy_id == staff.c.id),
)
_ENDED = sa.or_(sa.and_(staff.c.revoked_at < _before, sa.func.length(staff.c.name) > EMPTY), _UNACCEPTED)

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
    "staff": (
        Rule(
            staff.c.id,
            _ENDED,
            blanked={
                "email": None,
                "chat_id": None,
                "token_lookup": None,
                "token_until": None,
                "revoked_at": sa.func.coalesce(staff.c.revoked_at, staff.c.token_until),
            },
            emptied=staff.c.name,
        ),
    ),
    "links": (Rule(web_links.c.id, web_links.c.until < _before),),
}

# Complaints are blanked, with what hangs on them: see `Blanking`.
_CLOSED = (WRITTEN, ~OPEN, complaints.c.closed_at < _before)
CLOSED = sa.select(complaints.c.id).where(*_CLOSED).order_by(complaints.c.id).limit(_rows)
COUNT_CLOSED = sa.select(sa.func.count()).select_from(complaints).where(*_CLOSED)

# People go whole, with what does not hang on their row: see `Belongings.erase`.
_UNHEARD = (
    people.c.heard_at < _before,
    ~sa.exists().where(staff.c.chat_id == people.c.chat_id, HOLDS),
    ~sa.exists().where(complaints.c.chat_id == people.c.chat_id, OPEN),  # somebody is still to answer them
)
UNHEARD = (
    sa.select(people.c.chat_id)
    .where(*_UNHEARD)
    .order_by(people.c.heard_at, people.c.chat_id)
    .limit(_rows)
    # Whoever writes at this very moment holds the row, and stays.
    .with_for_update(skip_locked=True, of=people)
)
COUNT_UNHEARD = sa.select(sa.func.count()).select_from(people).where(*_UNHEARD)

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
