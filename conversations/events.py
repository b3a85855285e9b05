"""What happened, decoded, in the past tense. `at` is always an aware moment in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

Kind = Literal[
    "photo", "document", "voice", "video", "sticker", "contact", "location", "forwarded", "edited", "long", "other"
]


@dataclass(frozen=True, slots=True)
class Said:
    """The person wrote a text; `meant` is the option it plainly names, found by the edge, which knows the labels."""

    at: datetime
    text: str
    meant: str | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """The person pressed a button; `data` is what the button carries."""

    at: datetime
    data: str


@dataclass(frozen=True, slots=True)
class Commanded:
    """The person wrote a command; `name` without its stroke, in lower case; `first_name` only to greet."""

    at: datetime
    name: str
    argument: str = ""
    first_name: str = ""


@dataclass(frozen=True, slots=True)
class Shared:
    """The person sent something that is not a text the guide can read."""

    at: datetime
    kind: Kind


@dataclass(frozen=True, slots=True)
class Elapsed:
    """An alarm rang."""

    at: datetime
    alarm: str


@dataclass(frozen=True, slots=True)
class Left:
    """The person blocked the bot."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Returned:
    """The person unblocked the bot."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CertificateFound:
    """Answer to FindCertificate: the day on which the certificate expires, as far as it was told to us."""

    at: datetime
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answer to a command that stores something."""

    at: datetime


Event: TypeAlias = Said | Pressed | Commanded | Shared | Elapsed | Left | Returned | CertificateFound | Recorded
