"""What a message of the outbox is about: it comes back by this when the message did not arrive."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"(ADU-\d+-\d+) (\d+) (?:employee|staff:(\d+)( mailed| chat)?)")


@dataclass(frozen=True, slots=True)
class About:
    """One happening of a complaint, and for whom the message was; all messages of both share it.

    `version` is that of the complaint after the happening. `member`: the number of a member of staff, None for the
    employee. `mailed`: a letter about the same went to them in any case. `chat`: no letter may be written about it.

    Written as `ADU-2026-00017 7 employee`, `ADU-2026-00017 7 staff:3 mailed` or `ADU-2026-00017 7 staff:3 chat`:
    references, and nothing personal.
    """

    number: str
    version: int
    member: int | None = None
    mailed: bool = False
    chat: bool = False

    def write(self) -> str:
        reader = "employee" if self.member is None else f"staff:{self.member}"
        return f"{self.number} {self.version} {reader}{' mailed' if self.mailed else ' chat' if self.chat else ''}"

    @classmethod
    def read(cls, text: str) -> About:
        """Raises ValueError: nobody here has written this."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError("This is not about a complaint.")
        number, version, member, way = found.groups()
        return cls(number, int(version), None if member is None else int(member), way == " mailed", way == " chat")
