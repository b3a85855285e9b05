"""Text from outside, made safe to keep and to show: what no eye sees and what turns lines around is taken out."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 64
KEPT = frozenset("\n\t")  # the only control characters that people type
JOINERS = frozenset("\u200c\u200d")  # invisible, but emoji and several scripts are written with them
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_text(text: str) -> str:
    """Take out what a database refuses (NUL, halves of surrogate pairs) and other control characters."""
    return "".join(sign for sign in text if sign in KEPT or unicodedata.category(sign) not in {"Cc", "Cs"}).strip()


def clean_name(name: str) -> str:
    """Take out control characters, bidirectional overrides and invisible signs; one line of at most 64 characters."""
    # Bounded before the loop as well: Telegram's names are short, but this may be anything.
    seen = (" " if sign.isspace() else sign for sign in name[: 8 * LONGEST_NAME])
    kept = "".join(sign for sign in seen if sign in JOINERS or unicodedata.category(sign) not in INVISIBLE)
    return " ".join(kept.split())[:LONGEST_NAME].strip()
