"""What a typed text means: the button that it plainly names, in spite of case, accents and small typing errors."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

COMMAND_WORDS = {
    "menu": "/menu",
    "menu utama": "/menu",
    "batal": "/batal",
    "batalkan": "/batal",
    "cancel": "/batal",
    "kembali": "/kembali",
    "back": "/kembali",
    "bantuan": "/bantuan",
    "help": "/bantuan",
    "status": "/status",
    "lanjut": "/lanjut",
    "info": "/info",
    "bahasa": "/bahasa",
    "language": "/bahasa",
}
"""Commands that people type without the stroke."""

_DENIALS = ("tidak", "tak", "bukan", "belum", "jangan", "no", "not", "dont", "havent", "cannot", "cant", "never")
_TYPED, _DENIED = 4, 80  # letters of a word that may be a denial typed wrongly, and percent of likeness to one
_LONGEST = 60  # a longer text tells a story, it does not name a button
_NEAR = 84  # percent: one wrong letter in a short label, two in a long one
_APART = 8  # percent by which the best must lead, or the text is not plain


def meaning(text: str, offers: Sequence[tuple[str, str]]) -> str | None:
    """The data of the one offer (`(label, data)`) that the text names, or None when that is not plain."""
    said = _plain(text)
    if not said or len(said) > _LONGEST:
        return None
    labels = [(_label(label), data) for label, data in offers]
    for label, data in labels:
        if label == said:
            return data
    if said in COMMAND_WORDS:
        return COMMAND_WORDS[said]
    denied = _denials(said)
    labels = [(label, data) for label, data in labels if _denials(label) == denied]
    return _by_words(said, labels) or _by_likeness(said, labels)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", ""))
    letters = (c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join("".join(letters).split())


_label = lru_cache(maxsize=1024)(_plain)  # the same ones are offered again and again


@lru_cache(maxsize=1024)
def _denials(plain: str) -> frozenset[str]:
    """The words that turn a sentence round: "not all is right" must never press "All is right"."""
    return frozenset(
        denial
        for word in plain.split()
        for denial in _DENIALS
        if word == denial or (len(word) >= _TYPED and fuzz.ratio(word, denial) >= _DENIED)
    )


def _by_words(said: str, labels: Sequence[tuple[str, str]]) -> str | None:
    """All the words that were typed stand in one label alone."""
    words = set(said.split())
    found = {data for label, data in labels if words <= set(label.split())}
    return found.pop() if len(found) == 1 else None


def _by_likeness(said: str, labels: Sequence[tuple[str, str]]) -> str | None:
    scored = sorted(((fuzz.ratio(said, label), data) for label, data in labels), reverse=True)
    if not scored or scored[0][0] < _NEAR:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < _APART:
        return None
    return scored[0][1]
