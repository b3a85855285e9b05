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
from itertools import islice
from typing import TypeAlias

from bot.mail.thread import Sign, numbers_in

LARGEST = 10 * 2**20  # bytes of a mail that is looked at
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
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_ROBOT = re.compile(r"^(?:no[._-]?reply|do[._-]?not[._-]?reply)\b", re.IGNORECASE)
_QUOTED_FROM_HERE = re.compile(
    r"^(?:-{2,}\s*(?:original message|pesan asli|forwarded message|pesan diteruskan)\b.*|_{10,}"
    r"|(?:on|pada)\b.{5,200}\b(?:wrote|menulis)\s*:|from:\s.+@.+|dari:\s.+@.+|-- )$",
    re.IGNORECASE,
)


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
    """A letter did not arrive. `for_good`: it will not either; `recipient` as far as the report names it."""

    number: str | None
    recipient: str
    for_good: bool


@dataclass(frozen=True, slots=True)
class Foreign:
    """Nothing that we can tie to a complaint, and why."""

    why: str


_BROKEN = (ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What Python's reader raises at broken headers, and at mails in mails in mails."""

Incoming: TypeAlias = Answer | Automatic | Bounced | Foreign

Written: TypeAlias = Callable[[str], Collection[str]]
"""From the number of a complaint to the addresses that letters about it went to."""


@dataclass(frozen=True, slots=True)
class Head:
    """What can be told of a mail before it is read: its own id, and the complaint it seems to be about."""

    message_id: str
    number: str | None


def head(raw: bytes, sign: Sign) -> Head:
    """Look at the headers alone. It never fails, whatever the bytes are."""
    try:
        message = BytesHeaderParser(policy=email.policy.default).parsebytes(raw)
        return Head(str(message.get("Message-ID", "")).strip(), next(_numbers(message, sign), None))
    except _BROKEN:
        return Head("", None)


def sort(raw: bytes, sign: Sign, written_to: Written) -> Incoming:
    """Say what a mail is. It never fails, whatever the bytes are."""
    if len(raw) > LARGEST:
        return Foreign("too large")
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        return _sorted(message, sign, written_to)
    except _BROKEN as error:
        return Foreign(f"unreadable ({type(error).__name__})")


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
        return Foreign("from an address that was not written to")
    text, files = _new_words(_text(message)), tuple(islice(_files(message), MANY_FILES))
    return Answer(number, sender, text, files) if text or files else Foreign("empty")


def _sender(message: Message[str, str]) -> str:
    """The one address it says it is from; several are none, nor is what readers of mail disagree about."""
    said = [str(value) for name, value in message.raw_items() if name.casefold() == "from"]
    found = _ONE_ADDRESS.fullmatch(said[0].strip()) if len(said) == 1 else None
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


def _bounced(message: Message[str, str], sign: Sign) -> Bounced:
    """Read a report (RFC 3464), and the headers of our letter that it brings back."""
    number, recipient, status = next(_numbers(message, sign), None), str(message.get("X-Failed-Recipients", "")), ""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                recipient = str(block.get("Final-Recipient", recipient)).rpartition(";")[2].strip()
                status = str(block.get("Status", status)).strip()
        elif number is None and (part is not message or not message.is_multipart()):
            number = next(_returned(part, sign), None)
    return Bounced(number, recipient.casefold(), for_good=not status.startswith("4."))


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
    """What was written anew: nothing from the first quotation or signature on."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.startswith(">") or _QUOTED_FROM_HERE.match(line if line == "-- " else line.strip()):
            break
        lines.append(line.rstrip())
    return "\n".join(lines).strip()[:LONGEST_ANSWER]
