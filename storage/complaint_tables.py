"""The tables of complaints; `storage/tables.py` has all the others and joins them.

    complaints ─┬─ happenings        its history; triggers refuse to change or remove a line
                ├─ complaint_cards   which message shows it on which screen of staff
                ├─ complaint_words   fingerprints of its words, by which similar ones are found
                └─ web_links         one-time links to act on it from a mail
    counters                         the last number that was given, by what is numbered
    outages ─── outage_hits          when AMS did not work, and who was told so
    canned_answers                   what staff keep to answer with again; the office's, not theirs

A complaint is never removed, so that its number and its times stay for the statistics. It is **blanked**: by an erasure
of the person, and when it has been closed for long enough. Then nobody and nothing that was written is in it any more,
which `text` tells, and its row in `people` is let go.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from storage.base import LOOKUP, SERIAL, metadata, partial
from storage.columns import Moment


def _person(*, ondelete: str, primary_key: bool = False) -> sa.Column[int]:
    reference = sa.ForeignKey("people.chat_id", ondelete=ondelete, deferrable=True, initially="DEFERRED")
    return sa.Column("chat_id", sa.BigInteger, reference, primary_key=primary_key, autoincrement=False)


def _complaint(*, primary_key: bool = False) -> sa.Column[int]:
    reference = sa.ForeignKey("complaints.id")
    return sa.Column("complaint_id", SERIAL, reference, primary_key=primary_key, autoincrement=False, nullable=False)


complaints = sa.Table(
    "complaints",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    _person(ondelete="SET NULL"),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("confidential", sa.Boolean, nullable=False),
    sa.Column("text", sa.LargeBinary),
    sa.Column("origin", sa.LargeBinary),
    sa.Column("name", sa.LargeBinary),
    sa.Column("unit", sa.LargeBinary),
    sa.Column("attachments", sa.LargeBinary),
    sa.Column("holder_id", SERIAL, sa.ForeignKey("staff.id")),
    sa.Column("filed_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Column("stopped_at", Moment),
    sa.Column("nudges", sa.Integer, nullable=False),
    sa.Column("next_at", Moment),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("extra_minutes", sa.Integer, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Index("ix_complaints_chat_id", "chat_id"),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

happenings = sa.Table(
    "happenings",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    _complaint(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("actor", sa.LargeBinary),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("text", sa.LargeBinary),
    sa.Column("attachments", sa.LargeBinary),
    sa.Column("internal", sa.Boolean, nullable=False),
    sa.Index("ix_happenings_complaint_id", "complaint_id", "id"),
)

complaint_cards = sa.Table(
    "complaint_cards",
    metadata,
    _complaint(primary_key=True),
    _person(ondelete="CASCADE", primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Index("ix_complaint_cards_chat_id", "chat_id"),
)

complaint_words = sa.Table(
    "complaint_words",
    metadata,
    sa.Column("word_lookup", LOOKUP, primary_key=True),
    _complaint(primary_key=True),
    sa.Index("ix_complaint_words_complaint_id", "complaint_id"),
    sqlite_with_rowid=False,
)

web_links = sa.Table(
    "web_links",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    sa.Column("token_lookup", LOOKUP, nullable=False, unique=True),
    _complaint(),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("staff_id", SERIAL, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("until", Moment, nullable=False, index=True),
    sa.Column("used_at", Moment),
    sa.Index("ix_web_links_complaint_id", "complaint_id"),
)

outages = sa.Table(
    "outages",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Column("declared_at", Moment, nullable=False),
    sa.Column("lifted_at", Moment),
)

outage_hits = sa.Table(
    "outage_hits",
    metadata,
    sa.Column("outage_id", SERIAL, sa.ForeignKey("outages.id"), primary_key=True, autoincrement=False),
    _person(ondelete="CASCADE", primary_key=True),
    sa.Index("ix_outage_hits_chat_id", "chat_id"),
)

canned_answers = sa.Table(
    "canned_answers",
    metadata,
    sa.Column("id", SERIAL, sa.Identity(), primary_key=True),
    sa.Column("title", sa.LargeBinary, nullable=False),
    sa.Column("text", sa.LargeBinary, nullable=False),
    sa.Column("staff_id", SERIAL, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("kept_at", Moment, nullable=False),
    sa.Column("used_at", Moment, nullable=False),
)

SEALED: Final = (
    complaints.c.text,
    complaints.c.origin,
    complaints.c.name,
    complaints.c.unit,
    complaints.c.attachments,
    happenings.c.actor,
    happenings.c.text,
    happenings.c.attachments,
    outages.c.text,
    canned_answers.c.title,
    canned_answers.c.text,
)

OPEN = complaints.c.closed_at.is_(None)
WRITTEN = complaints.c.text.is_not(None)
"""Not blanked yet."""

# A handful are open among all that ever were.
partial("ix_complaints_next_at", complaints, "next_at", where=complaints.c.next_at.is_not(None))
partial("ix_complaints_open", complaints, "due_at", where=OPEN)
partial("ix_complaints_closed", complaints, "closed_at", where=WRITTEN & ~OPEN)
