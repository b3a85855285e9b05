"""The thread of a complaint: what a mail about it carries, so that an answer leads back to it. Pure.

    Message-ID: <aduan+ADU-2026-00017.2.9f3c…@city.example>     2: the third letter about this escalation
    Reply-To:    aduan+ADU-2026-00017.9f3c…@city.example

The signature is the keyed fingerprint of the number: nobody without the key of the database can speak for a complaint
by writing its number into an address. 64 bits of it do, each guess being a mail, and leave the header on one line.
Mail servers may change capitals, so none has a meaning here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hmac import compare_digest
from typing import TypeAlias

PURPOSE = "mail thread"
"""The purpose of the fingerprint: `tx.fingerprint(PURPOSE, number)` signs a number."""

Sign: TypeAlias = Callable[[str], str]
"""From a number to its signature, of which as much is written as is needed."""

_WRITTEN = 16  # hex digits

_TOKEN = re.compile(r"\baduan\+(ADU-\d{4}-\d{5,9})(?:\.(\d{1,4}))?\.([0-9a-f]{16})(?=@)", re.IGNORECASE)


def message_id(number: str, signature: str, copy: int) -> str:
    """The part of a Message-ID before the @: another one for each letter about the same complaint."""
    return f"aduan+{number}.{copy}.{signature[:_WRITTEN]}"


def reply_to(number: str, signature: str) -> str:
    """The part of an address before the @ to which answers go."""
    return f"aduan+{number}.{signature[:_WRITTEN]}"


def numbers_in(header: str, sign: Sign) -> Iterator[str]:
    """The complaints that a header speaks of with a valid signature."""
    for number, _, signature in _TOKEN.findall(header):
        if compare_digest(sign(number.upper())[:_WRITTEN], signature.lower()):
            yield number.upper()
