"""The outbox in statements: which rows may be sent now, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

from storage.errors import SealBroken
from storage.packing import pack, unpack
from storage.records import Channel, Kind, Lost, Outgoing, Priority, Settled, State
from storage.tables import LOST, QUEUED, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from storage.tables import Row
    from storage.vault import Vault


_earlier = outbox.alias("earlier")
_HEAD = ~sa.exists().where(
    _earlier.c.lane == outbox.c.lane,
    _earlier.c.id < outbox.c.id,
    _earlier.c.state == sa.literal_column(f"'{State.QUEUED.value}'"),
)
"""No earlier row of its lane waits: the order of a lane holds, whoever sends it."""

_now = sa.bindparam("now", type_=outbox.c.due_at.type)

CLAIMABLE = (
    sa.select(outbox)
    .where(
        QUEUED,
        outbox.c.due_at <= _now,
        sa.or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until <= _now),
        _HEAD,
    )
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(sa.bindparam("rows", type_=sa.Integer))
    .with_for_update(skip_locked=True, of=outbox)
)
"""Heads of their lanes that are due and that nobody holds. Several relays at once: each gets others."""

CLAIM = (
    sa.update(outbox)
    .where(outbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(claimed_until=sa.bindparam("until"), claimed_by=sa.bindparam("by"))
)

_SETTLED_DUE = sa.bindparam("new_due_at", type_=outbox.c.due_at.type)
_SETTLED_ID = sa.bindparam("new_message_id", type_=sa.BigInteger)
_SETTLED_STATE = sa.bindparam("new_state", type_=sa.Text)
_NEEDED_NO_MORE = sa.and_(
    sa.or_(
        outbox.c.channel == sa.literal_column(f"'{Channel.MAIL.value}'"),
        outbox.c.kind == sa.literal_column(f"'{Kind.FILE.value}'"),
    ),
    _SETTLED_STATE.is_distinct_from(sa.literal_column(f"'{State.QUEUED.value}'")),
)

SETTLE = (
    sa.update(outbox)
    # A row that has ended stays as it ended: a relay whose lease ran out cannot wake it again.
    .where(outbox.c.key == sa.bindparam("settled_key"), QUEUED)
    .values(
        state=_SETTLED_STATE,
        attempts=sa.bindparam("new_attempts"),
        error=sa.bindparam("new_error"),
        sent_at=sa.bindparam("new_sent_at"),
        due_at=sa.func.coalesce(_SETTLED_DUE, outbox.c.due_at),
        message_id=sa.func.coalesce(_SETTLED_ID, outbox.c.message_id),
        # A mail holds a link and a code, a file what was put together for one reader. Nobody needs them here once they
        # have left, or cannot.
        payload=sa.case((_NEEDED_NO_MORE, sa.bindparam("nothing", type_=sa.LargeBinary)), else_=outbox.c.payload),
        claimed_until=None,
        claimed_by=None,
    )
)

NEXT_DUE = sa.select(
    sa.func.min(
        sa.case((outbox.c.claimed_until > outbox.c.due_at, outbox.c.claimed_until), else_=outbox.c.due_at),
        type_=outbox.c.due_at.type,
    ),
).where(QUEUED, _HEAD)

RELEASE = (
    sa.update(outbox).where(QUEUED, outbox.c.claimed_until.is_not(None)).values(claimed_until=None, claimed_by=None)
)

MESSAGE_IDS = sa.select(outbox.c.key, outbox.c.message_id).where(
    outbox.c.key.in_(sa.bindparam("keys", expanding=True)),
    outbox.c.message_id.is_not(None),
)

STATES = sa.select(outbox.c.state, sa.func.count().label("rows")).group_by(outbox.c.state)
STATES_OF = STATES.where(outbox.c.channel == sa.bindparam("channel"))


_more = outbox.alias("more")
_MORE_WAITS = sa.exists().where(
    _more.c.lane == outbox.c.lane,
    _more.c.about == outbox.c.about,
    _more.c.state == sa.literal_column(f"'{State.QUEUED.value}'"),
)
LOST_ABOUT = (
    sa.select(outbox.c.about)
    .where(LOST, ~_MORE_WAITS)
    .group_by(outbox.c.about)
    .order_by(sa.func.min(outbox.c.id))
    .limit(sa.bindparam("rows", type_=sa.Integer))
)
"""What was lost, once all that was to be said of it has ended: of a text and its files somebody is told once."""
TAKE_LOST = (
    sa.update(outbox)
    .where(LOST, outbox.c.about == sa.bindparam("lost_about"))
    .values(about=None)
    .returning(outbox.c.id, outbox.c.channel, outbox.c.payload)
)


PARTING = sa.select(sa.exists().where(outbox.c.kind == Kind.PARTING.value, QUEUED))


ENQUEUE = sa.insert(outbox).inline()

_lanes = outbox.c.lane.in_(sa.bindparam("lanes", expanding=True))
FORGET_ENDED = sa.delete(outbox).where(_lanes, ~QUEUED)
FORGET = sa.delete(outbox).where(_lanes)


def telegram_lane(chat_id: int) -> str:
    """The lane of what is written to a chat."""
    return f"telegram:{chat_id}"


def mail_lane(chat_id: int, vault: Vault) -> str:
    """The lane of the mails that a chat asked for, whatever address they go to."""
    return f"mail:{vault.fingerprint('mail from', str(chat_id))}"


def to_row(message: Outgoing, vault: Vault) -> Row:
    """A message as a new row."""
    return {
        "key": message.key,
        "lane": message.lane,
        "channel": message.channel.value,
        "kind": message.kind.value,
        "priority": message.priority.value,
        "payload": vault.seal(outbox.c.payload, pack(message.payload)),
        "edits": message.edits,
        "due_at": message.due_at,
        "claimed_until": message.claimed_until,
        "claimed_by": message.claimed_by,
        "attempts": message.attempts,
        "state": State.QUEUED.value,
        "about": message.about,
    }


def to_message(row: sa.RowMapping, until: datetime, by: str, vault: Vault) -> Outgoing:
    """A row that was just claimed as a message."""
    payload = cast("Mapping[str, object]", unpack(vault.open(outbox.c.payload, row["payload"])))
    return Outgoing(
        key=row["key"],
        lane=row["lane"],
        channel=Channel(row["channel"]),
        kind=Kind(row["kind"]),
        priority=Priority(row["priority"]),
        payload=payload,
        edits=row["edits"],
        due_at=row["due_at"],
        claimed_until=until,
        claimed_by=by,
        attempts=row["attempts"],
        about=row["about"],
    )


def to_lost(row: sa.RowMapping, vault: Vault) -> Lost:
    """A row that was not delivered; one whose seal is broken says nothing."""
    try:
        payload = cast("Mapping[str, object]", unpack(vault.open(outbox.c.payload, row["payload"])))
    except SealBroken:
        payload = {}
    return Lost(Channel(row["channel"]), payload)


def opened(
    rows: Sequence[sa.RowMapping], now: datetime, until: datetime, by: str, vault: Vault
) -> tuple[list[Outgoing], list[Settled]]:
    """Rows that were just claimed as messages, and the end of those whose seal is broken: nobody can send them."""
    messages: list[Outgoing] = []
    broken: list[Settled] = []
    for row in rows:
        try:
            messages.append(to_message(row, until, by, vault))
        except SealBroken as error:
            broken.append(Settled(row["key"], State.DEAD, now, row["attempts"], f"{type(error).__name__}: {error}"))
    return messages, broken


def to_outcome(settled: Settled, nothing: bytes, vault: Vault) -> Row:
    """What became of a message as the parameters of SETTLE; `nothing` replaces what a mail or a file held."""
    return {
        "nothing": nothing,
        "settled_key": settled.key,
        "new_state": settled.state.value,
        "new_attempts": settled.attempts,
        "new_error": None if settled.error is None else vault.seal(outbox.c.error, settled.error),
        "new_sent_at": settled.at if settled.state is State.SENT else None,
        "new_due_at": settled.due_at,
        "new_message_id": settled.message_id,
    }
