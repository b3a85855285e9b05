"""The words of a text by which it is compared with others: in lower case, without the small ones, cut to their stems.

The stems need not be right, only the same for the forms of one word: `diperbarui`, `perbarui` and `pembaruan`, as far
as prefixes and suffixes go. What remains is stored as fingerprints (`storage.similar`), so nobody reads them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST: Final = 200
"""Words of one text that are kept, the first ones."""

SHORTEST: Final = 3
STEM: Final = 4

WORD: Final = re.compile(r"[^\W_]+")
LONG_NUMBER: Final = re.compile(
    r"\d{7,}"
)  # a NIP or a telephone number says nothing of the trouble; an error code does
SUFFIXES: Final = re.compile(r"(?:lah|kah|nya|kan|an|i|s|ing|ed)$")
PREFIXES: Final = re.compile(r"^(?:diper|memper|meng|meny|men|mem|me|peng|peny|pen|pem|per|pe|ber|ter|di|ke|se)")

SMALL: Final = frozenset(
    WORD.findall(
        """
        ada adalah agar akan anda apa atau bagaimana bahwa bapak belum bisa dan dari dengan dia gak harus ibu ini itu
        jadi juga jika kami karena kalau kenapa kepada lagi maka masih mohon namun nya oleh pada pak saat saja sama
        sampai sangat saya sebagai sedang sudah supaya tapi telah terima kasih tetapi tidak tolong untuk yang ya
        and are but can cannot for from has have how not please that the then this was what when why with you your
        """
    )
)


def stems(text: str) -> frozenset[str]:
    """The stems of the words that tell what a text is about."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = [word for word in WORD.findall(plain) if len(word) >= SHORTEST and word not in SMALL]
    return frozenset(_stem(word) for word in words[:MOST] if not LONG_NUMBER.fullmatch(word))


def _stem(word: str) -> str:
    for affix in (SUFFIXES, SUFFIXES, PREFIXES):
        shorter = affix.sub("", word, count=1)
        if len(shorter) >= STEM:
            word = shorter
    return word
