"""What a mail that comes in is: an answer to a complaint, an automatic reply, a bounce, or none of our affair. Pure.

The rule behind it: only what a person wrote, from an address that we wrote to, with our signature in it, may ever be
taken for an answer. All else is for staff at most, and never for the employee.
"""

from __future__ import annotations

import codecs
import email
import email.policy
import html
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import EmailPolicy
from itertools import islice
from typing import Any, TypeAlias

from bot.mail.thread import Sign, numbers_in

LARGEST = 10 * 2**20  # bytes of a mail that is looked at
LARGEST_HEAD = 100_000  # bytes of its headers, as many as Postfix lets through
LONGEST_HEADER = 8_000  # characters of one that are read
LONGEST_FROM = 1_000
LONGEST_ANSWER = 4_000  # characters
LONGEST_NAME = 100  # characters of the name of a file
MANY_FILES = 10
WHERE_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
ANSWERS_TO = ("In-Reply-To", "References")

_OUT_OF_OFFICE = re.compile(
    r"^\s*(?:(?:re|fwd?|bls|balas)\s*:\s*)*(?:out of (?:the )?office|auto(?:matic)?[- ]?(?:reply|response)"
    r"|vacation|away from (?:the )?office|balasan otomatis|jawaban otomatis|sedang cuti|tidak di kantor"
    r"|di luar kantor|cuti\b)",
    re.IGNORECASE,
)
_BOUNCED = re.compile(
    r"^\s*(?:undeliver(?:able|ed)|mail delivery (?:failed|failure|system)|delivery status notification"
    r"|returned mail|failure notice|delivery has failed|pesan tidak terkirim|gagal (?:ter)?kirim)",
    re.IGNORECASE,
)
_DELAYED = re.compile(r"\bdelay(?:ed)?\b|^\s*warning\b", re.IGNORECASE)
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_ROBOT = re.compile(r"^(?:no[._-]?reply|do[._-]?not[._-]?reply)\b", re.IGNORECASE)
_QUOTED_FROM_HERE = re.compile(
    r"^(?:-{2,}\s*(?:original message|pesan asli|forwarded message|pesan diteruskan)\b.*|_{10,}"
    r"|from:\s.+@.+|dari:\s.+@.+|-- )$",
    re.IGNORECASE,
)
_QUOTED_BELOW = re.compile(r"^(?:on|pada)\b.{5,200}\b(?:wrote|menulis)\s*:$", re.IGNORECASE)
"""Stands above what is quoted: with `>` before each line, or else up to the end."""


_ONE_ADDRESS = re.compile(
    r'(?:"[^"<>]*"|[^<>@",]*)\s*<(?P<angle>[^<>\s,]+@[^<>\s,@]+)>|(?P<bare>[^<>\s,"]+@[^<>\s,"@]+)'
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A person answers a letter about a complaint; `text` is what is new in it, `files` the names of its files."""

    number: str
    sender: str
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Automatic:
    """An out-of-office answer or another automatic one; `number` if its thread is ours."""

    number: str | None
    sender: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """A letter did not arrive. `for_good`: it will not either; else the servers still try, and nothing is lost yet.

    `recipient`: to whom we had written, or, where the report does not bring the letter back, whom it names.
    """

    number: str | None
    recipient: str
    for_good: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """A mail to a signature of ours that is taken for no answer, so that somebody has to look into the mailbox.

    It comes from an address that was not written to (private, or of somebody it was passed on to), or nothing in it can
    be told from what it quotes.
    """

    number: str
    sender: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Nothing that we can tie to a complaint, and why."""

    why: str


_BROKEN = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What Python's reader raises at broken headers, and at mails in mails in mails."""

_HEADER_BREAK = re.compile(rb"\r?\n\r?\n")

Known: TypeAlias = Answer | Automatic | Bounced | Unread
"""What is about one of our complaints, or may be."""

Incoming: TypeAlias = Known | Foreign

Written: TypeAlias = Callable[[str], Collection[str]]
"""From the number of a complaint to the addresses that letters about it went to."""


@dataclass(frozen=True, slots=True)
class Head:
    """What can be told of a mail before it is read: its own id, and the complaint it seems to be about."""

    message_id: str
    number: str | None


class _Reading(EmailPolicy):
    """Reads no more of a header than any honest one has: for a long one Python takes the square of its length."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return super().header_fetch_parse(name, value[:LONGEST_HEADER])


_READING = _Reading()


def head(raw: bytes, sign: Sign) -> Head:
    """Look at the headers alone. It never fails, whatever the bytes are."""
    if _overlong(raw):
        return Head("", None)
    try:
        message = BytesHeaderParser(policy=_READING).parsebytes(raw)
        return Head(str(message.get("Message-ID", "")).strip(), next(_numbers(message, sign), None))
    except _BROKEN:
        return Head("", None)


def sort(raw: bytes, sign: Sign, written_to: Written) -> Incoming:
    """Say what a mail is. It never fails, whatever the bytes are."""
    if len(raw) > LARGEST:
        return Foreign("too large")
    if _overlong(raw):
        return Foreign("too long in its headers")
    try:
        message = email.message_from_bytes(raw, policy=_READING)
        return _sorted(message, sign, written_to)
    except _BROKEN as error:
        return Foreign(f"unreadable ({type(error).__name__})")


def _overlong(raw: bytes) -> bool:
    return _HEADER_BREAK.search(raw, 0, LARGEST_HEAD) is None and len(raw) > LARGEST_HEAD


def _sorted(message: EmailMessage | Message[str, str], sign: Sign, written_to: Written) -> Incoming:
    sender = _sender(message)
    if _is_bounce(message, sender):
        return _bounced(message, sign)
    number = next(_numbers(message, sign), None)
    if _is_automatic(message, sender):
        return Automatic(number, sender)
    if number is None:
        return Foreign("no signature of ours")
    if sender not in {address.casefold() for address in written_to(number)}:
        return Unread(number, sender)
    text, files = _new_words(_text(message)), tuple(islice(_files(message), MANY_FILES))
    return Answer(number, sender, text, files) if text or files else Unread(number, sender)


def _sender(message: Message[str, str]) -> str:
    """The one address it says it is from; several are none, nor is what readers of mail disagree about."""
    said = [str(value) for name, value in message.raw_items() if name.casefold() == "from"]
    return _address(said[0]) if len(said) == 1 else ""


def _address(header: str) -> str:
    found = _ONE_ADDRESS.fullmatch(header.strip()) if len(header) <= LONGEST_FROM else None
    return (found["angle"] or found["bare"]).casefold() if found else ""


def _numbers(message: Message[str, str], sign: Sign) -> Iterator[str]:
    for name in (*WHERE_TO, *ANSWERS_TO):
        for header in message.get_all(name, []):
            yield from numbers_in(str(header), sign)


def _is_bounce(message: Message[str, str], sender: str) -> bool:
    if message.get_content_type() == "multipart/report":  # RFC 6522; of a delivery, or of having been read
        return str(message.get_param("report-type", "delivery-status")).casefold() == "delivery-status"
    null = str(message.get("Return-Path", "")).strip() == "<>"
    daemon = _DAEMON.match(sender) is not None or "X-Failed-Recipients" in message
    return daemon or (null and _BOUNCED.match(_subject(message)) is not None)


def _is_automatic(message: Message[str, str], sender: str) -> bool:
    """By RFC 3834 §5, by what servers did before it, and at last by the subject."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().casefold()
    precedence = str(message.get("Precedence", "")).strip().casefold()
    suppress = str(message.get("X-Auto-Response-Suppress", "")).strip().casefold()
    return (
        submitted not in {"no", ""}
        or precedence in {"bulk", "junk", "auto_reply", "list"}
        or any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponse", "List-Id"))
        or (suppress not in {"", "none"} and message.get_content_type() != "multipart/mixed" and _vague(message))
        or str(message.get("Return-Path", "")).strip() == "<>"
        or message.get_content_type() == "multipart/report"  # that it was read, or deleted unread
        or _ROBOT.match(sender) is not None
        or _OUT_OF_OFFICE.match(_subject(message)) is not None
    )


def _vague(message: Message[str, str]) -> bool:
    """Exchange sets the header above on what people write too; an automatic answer of it answers no thread."""
    return "In-Reply-To" not in message


def _subject(message: Message[str, str]) -> str:
    return str(message.get("Subject", ""))


def _bounced(message: Message[str, str], sign: Sign) -> Bounced | Foreign:
    """Read a report (RFC 3464), and the headers of our letter that it brings back."""
    number, named, written_to = next(_numbers(message, sign), None), str(message.get("X-Failed-Recipients", "")), ""
    fate = _DELAYS if _DELAYED.search(_subject(message)) else _FAILED
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            if fates := [(_fate(block), _recipient(block)) for block in _blocks(part) if "Final-Recipient" in block]:
                fate, named = max(fates)  # of several recipients the one for whom it went worst
        elif part is not message or not message.is_multipart():
            letter = _headers_within(part)
            if (found := next(_returned(letter, sign), None)) is not None:
                number = number or found
                written_to = written_to or ("" if letter is message else _address(str(letter.get("To", ""))))
    if fate == _ARRIVED:
        return Foreign("says that a letter arrived")
    return Bounced(number, written_to or named.casefold(), for_good=fate == _FAILED)


_ARRIVED, _DELAYS, _FAILED = range(3)
_FATES = {"failed": _FAILED, "delayed": _DELAYS, "delivered": _ARRIVED, "relayed": _ARRIVED, "expanded": _ARRIVED}
"""What a report says became of a letter, the worst last; its field Action, RFC 3464 §2.3.3."""


def _fate(block: Message[str, str]) -> int:
    """By the action alone: a server that gave up after days says `failed` with the status of its last try, often 4.x.x.

    The status counts where there is no action, although there has to be one.
    """
    action = re.match(r"\s*([a-z]*)", str(block.get("Action", "")).casefold())
    by_status = {"4": _DELAYS, "2": _ARRIVED}.get(str(block.get("Status", "")).strip()[:1], _FAILED)
    return _FATES.get(action[1] if action else "", by_status)


def _recipient(block: Message[str, str]) -> str:
    """Whom the letter was for, before anybody passed it on (RFC 3464 §2.3.1)."""
    return str(block.get("Original-Recipient", block.get("Final-Recipient", ""))).rpartition(";")[2].strip()


def _headers_within(part: Message[str, str]) -> Message[str, str]:
    """The headers of a letter that a report brings back without the rest (RFC 6522 §4); any other part as it is."""
    if part.get_content_type() != "text/rfc822-headers":
        return part
    return email.message_from_string(_content(part)[:LARGEST_HEAD], policy=_READING)


def _blocks(part: Message[str, str]) -> list[Message[str, str]]:
    content = part.get_payload()
    return [block for block in content if isinstance(block, Message)] if isinstance(content, list) else []


def _returned(part: Message[str, str], sign: Sign) -> Iterator[str]:
    """The complaint of the letter that came back: whole, its headers alone, or quoted in a text."""
    for name in ("Message-ID", "Reply-To", "References"):
        yield from numbers_in(str(part.get(name, "")), sign)
    if part.get_content_maintype() == "text":
        yield from numbers_in(_content(part)[: LONGEST_ANSWER * 4], sign)


def _text(message: EmailMessage | Message[str, str]) -> str:
    body = message.get_body(("plain", "html")) if isinstance(message, EmailMessage) else message
    if body is None:
        return ""
    words = _content(body)
    if body.get_content_type() != "text/html":
        return words
    return html.unescape(re.sub(r"<[^<>]*>", "", re.sub(r"<(?:br|/p|/div)\b[^<>]*>", "\n", words)))


def _files(message: EmailMessage | Message[str, str]) -> Iterator[str]:
    """The names of what was enclosed, each one plain line; pictures inside the text are not."""
    for part in message.iter_attachments() if isinstance(message, EmailMessage) else ():
        if part.get_content_disposition() != "inline":
            name = "".join(sign for sign in str(part.get_filename() or "") if sign.isprintable())
            yield name[:LONGEST_NAME] or part.get_content_type()


def _content(part: Message[str, str]) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode(_charset(part), "replace") if isinstance(payload, bytes) else ""


def _charset(part: Message[str, str]) -> str:
    named = part.get_content_charset("utf-8")
    try:
        return codecs.lookup(named).name
    except LookupError:
        return "utf-8"


def _new_words(text: str) -> str:
    """What was written anew, above what is quoted, between it or below."""
    lines: list[str] = []
    said = text.replace("\r\n", "\n").split("\n")
    marked = any(line.startswith(">") for line in said)
    for line in said:
        bare = line if line == "-- " else line.strip()
        if _QUOTED_FROM_HERE.match(bare) or (not marked and _QUOTED_BELOW.match(bare)):
            break
        if not line.startswith(">") and not _QUOTED_BELOW.match(bare):
            lines.append(line.rstrip())
    return "\n".join(lines).strip()[:LONGEST_ANSWER]
