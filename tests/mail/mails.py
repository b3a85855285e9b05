"""What comes back by mail for a letter that left: an answer, an automatic one, the report of a mail server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any, Self

DOMAIN = "kota.example"


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter, as far as the programs of its reader repeat it. Without a `reply_to` answers go to the sender."""

    to: str
    message_id: str
    reply_to: str = f"pandu@{DOMAIN}"

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Self:
        """A letter of the outbox."""
        reply_to = payload.get("reply_to") or "pandu"
        return cls(payload["to"][0], f"<{payload['message_id']}@{DOMAIN}>", f"{reply_to}@{DOMAIN}")

    @classmethod
    def taken(cls, message: EmailMessage) -> Self:
        """A letter that a mail server took."""
        return cls(str(message["To"]), str(message["Message-ID"]), str(message["Reply-To"] or message["From"]))


def answer(sent: Sent, text: str, **headers: str) -> bytes:
    """Its reader answers; a header that is given replaces what their program writes, an empty one takes it away."""
    message = EmailMessage()
    given = {
        "From": f"Pembaca <{sent.to}>", "To": sent.reply_to, "Subject": "Re: Pengaduan",
        "In-Reply-To": sent.message_id, "Message-ID": make_msgid(domain="lain.example"),
    }  # fmt: skip
    for name, value in {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
        if value:
            message[name] = value
    message.set_content(f"{text}\n\n> Yth. Bapak/Ibu\n> kutipan\n")
    return message.as_bytes()


def automatic(sent: Sent, until: str = "Senin") -> bytes:
    """Its reader is away, and a program says so."""
    subject = f"Balasan otomatis: cuti sampai {until}"
    return answer(sent, f"Saya cuti sampai {until}.", Subject=subject, Auto_Submitted="auto-replied")


def returned(
    sent: Sent, action: str = "failed", *, status: str = "5.1.1", to: str = "", brings: str = "message/rfc822"
) -> bytes:
    """A mail server could not deliver it, or has not yet (RFC 3464). `to`: whom the letter was passed on to."""
    return f"""\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@post.example>
To: pandu@{DOMAIN}
Message-ID: {make_msgid(domain="post.example")}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail system has something to say about your letter.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; post.example

Final-Recipient: rfc822; {to or sent.to}
Action: {action}
Status: {status}

--b
Content-Type: {brings}

From: Pandu <pandu@{DOMAIN}>
To: {sent.to}
Reply-To: {sent.reply_to}
Message-ID: {sent.message_id}
Subject: x

Halo
--b--
""".replace("\n", "\r\n").encode()
