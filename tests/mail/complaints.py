"""A complaint that was escalated, as the tests of mail and web look at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files

from bot import catalogs
from conversations.complaint import Act, Attachment, Complaint, Happening, Level, Mark, Status
from conversations.facts import Book
from conversations.service import read_service

SERVICE = read_service(files("conversations.service").joinpath("pekalongan.toml").read_text("utf-8"), "pekalongan.toml")
BOOK = Book.of(SERVICE)
CATALOG = catalogs.load(SERVICE.zone.tz)["en"]
NUMBER = "ADU-2026-00017"


def wib(text: str) -> datetime:
    """A moment as people of Pekalongan write it: `2026-11-23 09.00`."""
    return datetime.strptime(f"{text} +0700", "%Y-%m-%d %H.%M %z")


FILED = wib("2026-11-23 09.00")
PHOTO = Attachment("photo", "AgACphoto-1", size=1000)
REPORT = Attachment("document", "BQACdoc_2", "surat/../rekomendasi.pdf", 2000)

ESCALATED = Complaint(
    number=NUMBER,
    status=Status.ESCALATED,
    level=Level.OFFICIAL,
    category="service",
    text="AMS menolak <b>passphrase</b> saya.\nSudah 3 kali.",
    filed_at=FILED,
    due_at=wib("2026-11-24 16.00"),
    since=FILED + timedelta(hours=2),
    attachments=(PHOTO,),
    origin="Langkah 4, tautan tidak datang",
    person="telegram:710000101",
    name="Siti & Co",
    unit="Dinas Kesehatan",
)


def happened(minutes: int, side: str, act: str, text: str = "", **more: object) -> Happening:
    return Happening(FILED + timedelta(minutes=minutes), side, "Budi", "telegram", act, text, **more)  # type: ignore[arg-type]  # as the table gives it


HISTORY = (
    happened(0, "employee", Mark.FILED, ESCALATED.text, attachments=(PHOTO,)),
    happened(15, "officer", Act.TAKE),
    happened(30, "officer", Act.ASK, "Sudah coba peramban lain?"),
    happened(90, "employee", Act.REPLY, "Sudah.", attachments=(REPORT,)),
    happened(100, "officer", Act.NOTE, "Akun terkunci di AMS", internal=True),
    happened(120, "officer", Act.ESCALATE, "Perlu dibuka oleh verifikator"),
)
