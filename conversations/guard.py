"""What must not be sent to the guide: passphrases, one-time codes of other systems, 16-digit numbers, identity cards.

Asked at the edge, before anything is stored. Two mistakes are possible. A secret that passes is read by nobody but
stays in the chat; an innocent text that is taken for one is deleted before somebody's eyes. So a rule fires on a plain
sign only: a word that announces a secret together with something that looks like one, or a shape nothing else has.
The examples of both kinds are the tables of `tests/conversations/test_guard.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conversations.events import Secret

_LONGEST = 4096  # Telegram: letters of a message
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")  # what a sender may put between to hide it, or paste
_LONGEST_WORD = 128  # letters; nobody types such a password, and patterns are slow on it


def secret_in(text: str, *, expects_code: bool) -> Secret | None:
    """What kind of secret a text holds, if it does. `expects_code`: our own six digits were just asked for."""
    text = _INVISIBLE.sub("", text[:_LONGEST])
    if _holds_sixteen(text):
        return "nik"
    if _announces_password(text) or _is_password(text.strip(), shortest=8, signed=True):
        return "passphrase"
    if _holds_code(text, expects_code=expects_code):
        return "code"
    return None


def identity_in(caption: str) -> bool:
    """Whether the words beside a picture or a file say that it shows an identity card or a face."""
    return _IDENTITY.search(caption) is not None


_IDENTITY = re.compile(
    r"(?<![a-z])(?:e-?ktp|ktp(?:-?el)?|k\.t\.p|kk|kartu[\s_-]*keluarga|kartu[\s_-]*tanda[\s_-]*penduduk"
    r"|kartu[\s_-]*identitas|swa[\s_-]?foto|selfie?|foto[\s_-]*(?:diri|wajah)|pas[\s_-]?foto|paspor|passport"
    r"|id(?:entity)?[\s_-]*card)(?:nya|ku)?(?![a-z])",
    re.IGNORECASE,
)

# ------------------------------------------------------------------------------------------------ sixteen digits

_RUN = re.compile(r"\+?\d+(?:[ .\-\u00a0]{1,3}\d+)*")
"""Digits that people write as one number, with what they put between them."""

_DIGITS_OF_NIK = 16  # of most bank cards too
_COMPACT_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


_ALONE = re.compile(r"(?<!\d)\d{16}(?!\d)")
_BESIDE_OTHERS = re.compile(r"\d+(?:[ .,\-/_\u00a0\t\r\n]{1,3}\d+)*")
_SHAPES = ((4, 4, 4, 4), (6, 6, 4), (2, 2, 2, 6, 4))
"""How people part the digits of an NIK or of a card; so it is seen beside other numbers too."""
_YEAR = re.compile(r"(?:19|20)\d\d")


def _holds_sixteen(text: str) -> bool:
    return (
        _ALONE.search(text) is not None
        or any(_is_sixteen(run) for run in _RUN.finditer(text))
        or any(_is_parted(run[0]) for run in _BESIDE_OTHERS.finditer(text))
    )


def _is_parted(run: str) -> bool:
    """Whether some of the groups of digits have the shape of an NIK, and are no list of years and no spaced NIP."""
    groups = re.findall(r"\d+", run)
    lengths = tuple(map(len, groups))
    for shape in _SHAPES:
        for start in range(len(groups) - len(shape) + 1):
            part = groups[start : start + len(shape)]
            if lengths[start : start + len(shape)] != shape or all(map(_YEAR.fullmatch, part)):
                continue
            two_more = lengths[start + len(shape) : start + len(shape) + 1] == (2,)
            if not (two_more and _YEAR.fullmatch(part[0])):  # else it is an NIP: 1985 0312 2010 0110 01
                return True
    return False


def _is_sixteen(run: re.Match[str]) -> bool:
    groups = re.findall(r"\d+", run[0])
    if sum(map(len, groups)) != _DIGITS_OF_NIK:
        return False
    if len(groups) == 1 or {len(group) for group in groups} == {4}:
        return True
    # Several numbers may stand side by side: a telephone number (which begins with 0 or +) or a date among them.
    return not (run[0][0] in "+0" or _holds_date(groups))


def _holds_date(groups: list[str]) -> bool:
    days = (zip(groups, groups[1:], groups[2:], strict=False)) if len(groups) > 2 else ()  # noqa: PLR2004 - day, month, year
    return any(_COMPACT_DATE.fullmatch(group) for group in groups) or any(_is_date(*three) for three in days)


def _is_date(day: str, month: str, year: str) -> bool:
    short = len(day) <= 2 and len(month) <= 2  # noqa: PLR2004 - digits
    return short and 1 <= int(day) <= 31 and 1 <= int(month) <= 12 and re.fullmatch(r"(?:19|20)\d\d", year) is not None  # noqa: PLR2004 - a calendar


# -------------------------------------------------------------------------------------------- passphrase, password

_NAMED = (
    r"(?<![a-z])(?:pass?[\s_-]?(?:ph?rase|frase?|word)|pass|passwd|pwd|pw|kata[\s_-]?(?:sandi|kunci)|sandi)"
    r"(?:nya|ku|mu)?(?![a-z])"
)
_OWN = r"(?:saya|sy|ku|aku|milik|my|mine|kami)"
_BESIDE = (
    rf"(?:{_OWN}|yang|baru|lama|ini|itu|new|old|the|untuk|utk|for|di|ke|pada|akun|account|ams|bsre|tte|portal"
    r"|e-?mail|login)"
)
_SETS = re.compile(
    rf"(?P<my>\bmy\s+)?{_NAMED}(?P<beside>(?:\s+{_BESIDE}\b)*)\s*"
    r"(?P<sign>[:=]|\b(?:adalah|ialah|yaitu|yakni|is|menjadi|jadi)\b)\s*(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
_NEXT = re.compile(rf"{_NAMED}(?:\s+{_BESIDE}\b)*\s+(?P<word>\S+)", re.IGNORECASE)
_MENTIONS = re.compile(_NAMED, re.IGNORECASE)
_PIN = re.compile(r"\bpin(?:nya)?(?:\s+saya)?\s*[:=]\s*\d{4,8}\b", re.IGNORECASE)

_SPOKEN_OF = """
    lupa salah tidak tdk tak gagal belum blm error eror invalid wrong incorrect ditolak terkunci expired habis kosong
    sudah sdh bisa mohon tolong bagaimana gimana apa apakah kenapa mengapa jangan harus minimal wajib saya sy klik cek
    lihat silakan silahkan ubah ganti masukkan masukan buat hubungi gunakan menggunakan masih selalu terus hilang
    forgot forgotten not never please how what why click change rahasia penting itu ini yang sama beda berbeda untuk
    dan atau hal sesuatu
"""
_HARMLESS = frozenset(_SPOKEN_OF.split())
"""What follows the word when people speak of a passphrase without telling it."""

_FEW = 2  # words after the sign that are still the secret and not a sentence


def _announces_password(text: str) -> bool:
    if _PIN.search(text):
        return True
    if not _MENTIONS.search(text):
        return False
    if any(_is_password(word, shortest=6) for word in text.split()):
        return True
    following = (found["word"] for found in _NEXT.finditer(text))
    return any(_tells(found) for found in _SETS.finditer(text)) or any(_letters_and_digits(word) for word in following)


def _tells(found: re.Match[str]) -> bool:
    """Whether what follows `passphrase saya:` is the passphrase."""
    words = found["rest"].split()
    if not words or len(_bare(words[0])) < 3 or _bare(words[0]).lower() in _HARMLESS:  # noqa: PLR2004 - letters
        return False
    if _is_innocent(words[0]):
        return False
    own = found["my"] is not None or re.search(rf"\b{_OWN}\b", found["beside"], re.IGNORECASE) is not None
    if found["sign"] in ":=":
        return own or len(words) <= _FEW
    return own and len(words) <= _FEW


def _is_password(word: str, *, shortest: int, signed: bool = False) -> bool:
    """Whether one word has the shape of a password: small and capital letters with a digit or a sign among them.

    `signed`: it takes a sign, since names of schools and programs have digits too (SMPN02Pekalongan, Office365).
    """
    bare = _bare(word)
    if not shortest <= len(bare) <= _LONGEST_WORD or re.search(r"\s", bare) or _is_innocent(word):
        return False
    inside, digit = _has(_SIGNS, bare), _has(r"\d", bare)
    plain = inside or (digit and (not signed or _has(_SIGNS, word)))  # a mark at the end may be the sentence's
    return plain and _has(r"[a-z]", bare) and _has(r"[A-Z]", bare)


_SIGNS = r"[@#$%^&*+=~!?_<>|\\]"


def _letters_and_digits(word: str) -> bool:
    bare = _bare(word)
    return len(bare) >= 6 and _has(r"[A-Za-z]", bare) and _has(r"\d", bare) and not _is_innocent(word)  # noqa: PLR2004 - letters


def _has(pattern: str, word: str) -> bool:
    return re.search(pattern, word) is not None


def _bare(word: str) -> str:
    """A word without the marks of the sentence around it."""
    return word.strip(".,!?:;()[]\"'“”‘’…")


_INNOCENT = re.compile(
    r"https?://.*|www\..*|t\.me/.*"
    r"|[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"  # an e-mail address
    r"|[A-Za-z][\w.+-]{2,}@[a-z][a-z.-]{3,}"  # and one that was broken off
    r"|[@#]\w+"
    r"|[^/]*\d[^/]*(?:/[\w.-]+)+|[A-Za-z.-]+(?:/[\w.-]+)+"  # the number of a letter
    r"|(?:[A-Za-z]+-)+\d+(?:-\d+)*"  # ADU-2026-00017, Covid-19
    r"|(?:Rp|IDR)\.?[\d.,]+-?"
    r"|(?:Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember)-?\d{2,4}"
    r"|[\d.,/:+-]+",
    re.IGNORECASE,
)


def _is_innocent(word: str) -> bool:
    bare = _bare(word)
    return len(bare) > _LONGEST_WORD or _INNOCENT.fullmatch(bare) is not None


# ------------------------------------------------------------------------------------------------- one-time codes

_CODE_WORD = re.compile(
    r"\b(?:t?otp|authenticator"
    r"|kode[\s-]+(?:t?otp|verifikasi|sekali[\s-]+pakai|keamanan|masuk|login|aktivasi|autentikasi|konfirmasi|wa|whatsapp)"
    r"|(?:verification|security|one[\s-]?time|login)\s+(?:code|password|pin))(?:nya)?\b",
    re.IGNORECASE,
)
_SOME_CODE = re.compile(
    r"\b(?:kode(?:nya)?|code|verifikasi|verification)\b(?!\s+(?:pos|error|eror|kesalahan|unit|surat))", re.IGNORECASE
)
_TELLS_CODE = re.compile(  # a year or a date behind it may be meant as one, so it takes more than the word itself
    rf"{_CODE_WORD.pattern}(?:\s+saya)?\s*(?:[:=]|\b(?:adalah|ialah|yaitu|is)\b)\s*$", re.IGNORECASE
)

_NEXT_TO = re.compile(rf"{_CODE_WORD.pattern}(?:\s+(?:saya|ini))?\s*$", re.IGNORECASE)
_GOOGLE = re.compile(r"\bG-\d{6}\b")

_OUR_CODE = 6
_CODE_DIGITS, _HALF = range(4, 9), 3


def _holds_code(text: str, *, expects_code: bool) -> bool:
    strong, weak = _CODE_WORD.search(text) is not None, _SOME_CODE.search(text) is not None
    alone = text.strip(" \t\r\n.")
    if _GOOGLE.search(text) and (strong or weak):
        return True
    for before, digits, written in _numbers(text):
        if len(digits) == _OUR_CODE and (expects_code or not (strong or weak or written == alone)):
            continue
        if len(digits) == _OUR_CODE or _TELLS_CODE.search(before) or (_NEXT_TO.search(before) and not _is_year(digits)):
            return True
    return False


def _numbers(text: str) -> Iterator[tuple[str, str, str]]:
    """Numbers of four to eight digits, whole or in two halves: what stands before, the digits, how it is written."""
    for run in _RUN.finditer(text):
        groups = re.findall(r"\d+", run[0])
        digits = "".join(groups)
        around = text[max(run.start() - 1, 0) : run.start()] + text[run.end() : run.end() + 1]
        sizes = [len(group) for group in groups]
        pairs = sizes == [2, 2, 2] and _CODE_WORD.search(text) is not None
        halves = len(sizes) == 2 and sizes[0] == sizes[1] >= _HALF and "." not in run[0]  # noqa: PLR2004 - halves
        whole = len(sizes) == 1 or pairs or halves
        if len(digits) in _CODE_DIGITS and whole and run[0][0] != "+" and not re.search(r"[\w/@:-]", around):
            yield text[: run.start()], digits, run[0]


def _is_year(digits: str) -> bool:
    """A year or a whole date, which people name beside every word."""
    return re.fullmatch(r"(?:19|20)\d\d", digits) is not None or _COMPACT_DATE.fullmatch(digits) is not None
