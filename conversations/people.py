"""Who somebody is to the service: roles of staff, and what is known of an employee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias


class Role(StrEnum):
    """What a member of staff is there for. One person may have several."""

    OFFICER = "officer"  # petugas: answers employees
    OFFICIAL = "official"  # pejabat pengaduan: takes what the officer cannot solve; may have e-mail only
    ADMIN = "admin"  # invites and revokes, reads the audit
    LEADER = "leader"  # pimpinan: reads reports


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may do, as storage knows it at this very moment; nothing of it is kept in a session.

    `outage` is what an administrator has declared about AMS, empty while it works: it concerns everybody.
    """

    roles: frozenset[Role] = frozenset()
    registered: bool = False
    outage: str = ""

    def may(self, allowed: frozenset[Role]) -> bool:
        """Whether something is open to this person; what names no role is open to everybody."""
        return not allowed or bool(self.roles & allowed)


ANYONE = Standing()

Person: TypeAlias = str
"""Somebody to be told something: a reference that storage gave and only the edge can read."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """One member of staff to be told something; while they are away, their deputy too."""

    member: int


@dataclass(frozen=True, slots=True)
class Details:
    """What an employee says of themselves. `nip` is empty for who has none; the e-mail address is what is proved."""

    name: str
    unit: str
    email: str
    nip: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """Two employees with one NIP, as an administrator may read of them: who gave it now, and who had it before."""

    claimant: str
    holder: str


@dataclass(frozen=True, slots=True)
class Account:
    """An employee whose e-mail address was proved from this chat."""

    details: Details
    consented_at: datetime
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff. `reached`: the invitation was accepted in a chat; without it only mail reaches them."""

    id: int
    role: Role
    name: str
    email: str = ""
    reached: bool = False
    away_until: date | None = None
    deputy: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit: who did what to whom, without anything personal beyond the names of staff."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """How much is kept of one chat, by kind of thing: rows by the name of their table."""

    rows: tuple[tuple[str, int], ...] = ()
    since: datetime | None = None


NOTHING = Stored()
