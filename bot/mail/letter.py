"""A letter, as an outbox row carries it and as a mail server takes it. Pure.

Whatever comes from people may stand in a letter, so nothing of it can become a header, a second recipient or markup:
what is not one plain line is refused where one line belongs, and the HTML part is made here, from the text.
"""

from __future__ import annotations

import html
import mimetypes
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from hashlib import sha256
from typing import TYPE_CHECKING

from bot.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_ADDRESS = 254  # characters, RFC 5321 §4.5.3.1.3
LONGEST_LINE = 500  # characters of a subject or of any other header
LONGEST_TEXT = 200_000  # characters of a part
MANY_RECIPIENTS = 20
MANY_HEADERS = 20

POLICY = SMTP.clone(cte_type="7bit", utf8=False)  # so that no server on the way has to be asked what it understands
OURS = frozenset(
    {"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "reply-to", "auto-submitted", "mime-version"}
)
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
MESSAGE_ID = re.compile(r"[A-Za-z0-9._+-]{1,64}")
FILE_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that goes with a letter, by Telegram's id of it: fetched when the letter is sent. `size` in bytes."""

    file_id: str
    name: str
    size: int = 0
    kind: str = "document"


@dataclass(frozen=True, slots=True)
class Letter:
    """One logical mail. `message_id` is the part before the @; the sender's domain follows when it is sent.

    So it does after a `reply_to` without a domain. `attachments` are all files that belong to it; `left_out` is said,
    with their names, of those that cannot be enclosed.
    """

    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    html: str | None = None
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Enclosed, ...] = ()
    left_out: str = ""

    @classmethod
    def of(
        cls,
        key: str,
        *,
        to: str,
        subject: str,
        paragraphs: Sequence[str],
        reply_to: str | None = None,
        headers: Mapping[str, str] | None = None,
        message_id: str | None = None,
    ) -> Letter:
        """The letter of the outbox row `key`, whose paragraphs are plain text; it has the same id every time."""
        return cls(
            to=(to,),
            subject=subject,
            text="\n\n".join(paragraphs) + "\n",
            message_id=message_id or message_id_of(key),
            html=_page(paragraphs),
            reply_to=reply_to,
            headers=headers or {},
        )

    def payload(self) -> dict[str, object]:
        """The letter as plain JSON."""
        enclosed = [asdict(one) for one in self.attachments]
        return {**asdict(self), "to": list(self.to), "headers": dict(self.headers), "attachments": enclosed}

    def enclosing(self, files: tuple[Enclosed, ...], left_out: str) -> Letter:
        """The same letter with files; `left_out` is said of those that cannot go with it."""
        return replace(self, attachments=files, left_out=left_out if files else "")

    def saying(self, paragraph: str) -> Letter:
        """The same letter with another paragraph at its end."""
        page = self.html and self.html.replace("\n</body>", f"\n{_paragraph(paragraph)}\n</body>")
        return replace(self, text=f"{self.text}\n{paragraph}\n", html=page)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A letter ready to be handed over: the envelope's addresses, and the bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


def message_id_of(key: str) -> str:
    """The same for the same row, whoever sends it and however often."""
    return sha256(key.encode()).hexdigest()[:40]


def read_letter(payload: Mapping[str, object]) -> Letter:
    """Read and check a row's payload. Raises `Refused`, which never quotes what it refuses."""
    match payload:
        case {"to": [*to], "subject": str(subject), "text": str(text), "message_id": str(message_id)}:
            pass
        case _:
            raise Refused("The payload is no letter: it lacks to, subject, text or message_id")
    page, reply_to, headers = payload.get("html"), payload.get("reply_to"), payload.get("headers", {})
    left_out, enclosed = payload.get("left_out", ""), payload.get("attachments", ())
    if not isinstance(left_out, str) or not isinstance(enclosed, list | tuple):
        raise Refused("The letter's left_out is a text, and its attachments are a list")
    if not (page is None or isinstance(page, str)) or not isinstance(headers, Mapping):
        raise Refused("The letter's html is a text, and its headers are an object")
    if not 0 < len(to) <= MANY_RECIPIENTS or len(headers) > MANY_HEADERS:
        raise Refused("The letter has no recipient, or too many recipients or headers")
    if len(text) > LONGEST_TEXT or len(page or "") > LONGEST_TEXT:
        raise Refused("The letter is too long")
    if not MESSAGE_ID.fullmatch(message_id):
        raise Refused("The letter's message_id is not what may stand before an @")
    return Letter(
        to=tuple(_address(one) for one in to),
        subject=_line(subject),
        text=text,
        message_id=message_id,
        html=page,
        reply_to=None if reply_to is None else _reply_to(reply_to),
        headers=dict(_header(name, value) for name, value in headers.items()),
        attachments=tuple(_enclosed(one) for one in enclosed),
        left_out=left_out,
    )


def seal(letter: Letter, mail_from: str, at: datetime, files: Sequence[tuple[str, bytes]] = ()) -> Sealed:
    """Make the message that a mail server takes, dated `at`, with `files` by name. Raises `Refused`."""
    name, address = parseaddr(mail_from)
    sender = Address(display_name=name, addr_spec=_address(address))
    message = EmailMessage(policy=POLICY)
    try:
        message["From"] = sender
        message["To"] = ", ".join(letter.to)
        message["Subject"] = letter.subject
        message["Date"] = at
        message["Message-ID"] = f"<{letter.message_id}@{sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        if letter.reply_to is not None:
            whole = "@" in letter.reply_to
            message["Reply-To"] = letter.reply_to if whole else f"{letter.reply_to}@{sender.domain}"
        for header, value in letter.headers.items():
            message[header] = value
        message.set_content(_writable(letter.text))
        if letter.html is not None:
            message.add_alternative(_writable(letter.html), subtype="html")
        for name, bytes_ in files:
            main, _, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
            message.add_attachment(bytes_, maintype=main, subtype=sub, filename=name)
        content = message.as_bytes()
    except (ValueError, HeaderParseError) as error:  # the library's own guard, behind ours
        raise Refused(f"The letter cannot be written ({type(error).__name__})") from None  # it quotes the letter
    return Sealed(sender.addr_spec, letter.to, content)


def _writable(text: str) -> str:
    """Take out halves of surrogate pairs, which no encoding can write, and what a mail reader would stumble on."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in {"Cc", "Cs"})


def _address(address: object) -> str:
    """Check one bare address: ASCII, one line, with a domain."""
    if isinstance(address, str) and len(address) <= LONGEST_ADDRESS:
        local, _, domain = address.rpartition("@")
        if LOCAL_PART.fullmatch(local) and len(local) <= 64 and DOMAIN.fullmatch(domain):  # noqa: PLR2004 - RFC 5321 §4.5.3.1.1
            return address
    raise Refused("An address of the letter is not one that mail can be sent to")


def _reply_to(value: object) -> str:
    """Check an address, or the part before the @ of one at the sender's domain."""
    if isinstance(value, str) and "@" not in value and len(value) <= 64 and LOCAL_PART.fullmatch(value):  # noqa: PLR2004 - as above
        return value
    return _address(value)


def _enclosed(value: object) -> Enclosed:
    match value:
        case {"file_id": str(file_id), "name": str(name), "size": int(size), "kind": str(kind)}:
            if FILE_ID.fullmatch(file_id) and size >= 0:
                return Enclosed(file_id, _line(name), size, kind)
    raise Refused("An attachment of the letter names no file")


def _line(value: object) -> str:
    """Check one line of a header: no control character, no line end of any script."""
    if not isinstance(value, str) or len(value) > LONGEST_LINE:
        raise Refused("A header of the letter is no text, or too long")
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in value):
        raise Refused("A header of the letter is more than one plain line")
    return value


def _header(name: object, value: object) -> tuple[str, str]:
    if not isinstance(name, str) or not HEADER_NAME.fullmatch(name):
        raise Refused("A header of the letter has no proper name")
    if name.casefold() in OURS or name.casefold().startswith("content-"):
        raise Refused("A header of the letter is one that is made here")
    return name, _line(value)


def _page(paragraphs: Sequence[str]) -> str:
    """The same words as a page: paragraphs, with web addresses that can be pressed."""
    body = "\n".join(_paragraph(paragraph) for paragraph in paragraphs)
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head>\n<body>\n{body}\n</body></html>\n'


def _paragraph(text: str) -> str:
    return f"<p>{''.join(_marked(text))}</p>"


def _marked(paragraph: str) -> Iterator[str]:
    at = 0
    for found in WEB_ADDRESS.finditer(paragraph):
        yield _escaped(paragraph[at : found.start()])
        address = html.escape(found.group())
        yield f'<a href="{address}">{address}</a>'
        at = found.end()
    yield _escaped(paragraph[at:])


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")
