"""What is true of every step, and the odd things that people and forgers do to try it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from conversations.advance import Step
from conversations.canned import LONGEST_TITLE, MOST, Canned
from conversations.cards import COMMANDS
from conversations.case import file
from conversations.complaint import Act, Attachment, Happening, Mark, Status
from conversations.effects import FileComplaint, Revise, Say, SetAlarm, Tell
from conversations.events import (
    AccountFound,
    Answered,
    AuditFound,
    CannedFound,
    CannedKept,
    CertificateFound,
    ComplaintFiled,
    ComplaintFound,
    ComplaintHandled,
    ComplaintsExported,
    ComplaintsFound,
    Erased,
    Event,
    Invited,
    Left,
    ProofBegun,
    ProofChecked,
    Recorded,
    Redeemed,
    Returned,
    Revoked,
    StaffFound,
)
from conversations.filters import Filter
from conversations.flow import BACK, MAX_BUTTONS, MAX_DATA_BYTES, Ask, Choose, Review
from conversations.people import Entry, Role, Standing
from conversations.period import Period
from conversations.places import CLOSE, PAGE
from conversations.screen import decode
from conversations.session import Answer, Frame, Session, dump, load
from tests.conversations.office import AGUS, BUDI, LINK, RATNA, SITI, STORED
from tests.conversations.talk import CODE, GUIDE, Talk, buttons, labelled, said, standing_in

STALE = "That button belongs to an earlier question. This is where we are now:"
UNKNOWN = "I do not know that command."
CONTACT = "/kontak"
MAX_ROWS = 10  # of any keyboard, so that its last row is found
MAX_PAGE_ROWS = PAGE + 3  # the page before and after, what was typed, and the way back

FLOWS = sorted(GUIDE.flows)
PLACES = [(flow, state.name) for flow in FLOWS for state in GUIDE.flows[flow].states]
PERIODS = (Period(2026, 11), Period(2026), Period())
NAMES = [*COMMANDS, "start", "kontak", "tidak_ada", ""]
ARGUMENTS = [
    "", "ya", "ya 7", "en", "id", "law", "🦀" * 40, "ulang", "salinan", "cabut", "cabut ya 7", "hapus", "hapus ya 7",
    "undang", "hal 2", "hal 0", "3", "4 cabut", "4 cabut ya", "3 cabut ya", "4 cuti", "4 kembali", "4 wakil",
    "4 wakil 5", "4 wakil 4", "4 wakil 3", "99 cuti", "99999999999 cabut ya", "١ cabut ya", "-1", "refused",
]  # fmt: skip
COMPLAINT_ARGUMENTS = [
    "", "17", "1 selesai", "1 belum", "1 tarik", "1 tarik ya", "1 buka", "1 tambah", "1 balas",
    "daftar 2", "baru 2", "milik",
    "1 ambil", "1 jawab", "1 tanya", "1 pindah", "1 pindah service", "1 riwayat 2", "1 eskalasi", "1 x", "selesai",
    "baru", "simpan 1", "simpan 1 ya", "hal 2", "3 hapus", "3 hapus ya", "99 hapus",
    "kanal", "2026-11", "2026", "semua", "2026-13",
]  # fmt: skip
ARGUED = ["start", "info", "bahasa", "batal", "daftar", "privasi", "petugas", "audit"]
"""The commands that read what stands after them."""
COMPLAINT_COMMANDS = ["aduan", "tiket", "antrean", "gangguan", "ekspor", "contoh", "kontak"]
"""Those that read what stands in COMPLAINT_ARGUMENTS."""

TYPED = {
    "until": "31-12-2026", "nip": "19900317 201403 2 005", "name": "Siti Aminah",
    "description": "AMS menolak surat saya", "text": "AMS belum dapat dibuka", "workplace": "Diskominfo",
    "title": "Ganti peramban", "email": "siti@pekalongankota.go.id", "code": CODE, "code_wrong": CODE,
}  # fmt: skip
"""What leads on from the questions that no button answers, by the name of their state."""

TEXTS = [
    "", "ya", "sudah", "23 November 2026", "1-1-1900", "31-12-2999", "30 Februari 2026", "kemarin", "now", "usual",
    "back", "d2026-11-22", "\x00", "<b>", "{expiry}", "x" * 5000, "19900317 201403 2 005", "123456", "kelurahan",
    "Siti Aminah", "Diskominfo", "Bagian Hukum", "siti@pekalongankota.go.id",
]  # fmt: skip
OPTIONS = [
    BACK, "d", "dx", "d2026", "d2026-11", "d2026-2-29", "d2026-2-28", "d0", "d99999", "d-1", "d2026-11-22-1",
    "ra", "r1", "r99", "o3", "o999999999", "s1", "c2", "c99",
    "pa", "px", "p0", "p3", "p999", "u0", "u17", "u999", "typed",
    "fix_", "fix_expiry", "fix_ready", "fix_nobody", "", "yes", "ada",
]  # fmt: skip
STANDINGS = [
    Standing(), Standing(registered=True), Standing(frozenset({Role.OFFICER})), Standing(frozenset({Role.ADMIN})),
    Standing(frozenset(Role), registered=True), Standing(frozenset({Role.OFFICIAL}), outage="AMS sedang mati."),
]  # fmt: skip
FORGED = [
    "", ":", ":::", "::::", "renewal", "renewal:login:0:yes", "renewal:login:-1:yes", "renewal:login:zzzzzzzzz:yes",
    "gone:gone:1:gone", "renewal:login:١:yes", "/", "//", "/menu", "/batal", "/batal ya", "/batal ya 7", "/info law",
    "/bahasa en", "/lanjut  ", "/petugas 4 cabut ya", "/petugas undang",
    "/privasi hapus ya 7", "/audit", "/start abc", "/\x00", "x" * 64,
]  # fmt: skip
ODD_VALUES = [
    "", "yes", "unknown", "2026-11-22", "2024-02-29", "0001-01-01", "9999-12-31", "2026-11-22T03:00:00+00:00",
    "2026-11-22T03:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "now", "x" * 300,
]  # fmt: skip


@lru_cache(maxsize=10)
def answers(at: datetime) -> list[Answered]:
    """Every answer that a command can have, whether it was given or not."""
    many = tuple(replace(RATNA, id=number, name=f"Ratna {number}") for number in range(10, 30))
    entry = Entry(7, at, "staff:3", "revoked", "staff:4", (("role", "officer"),))
    staff = [StaffFound(at, members, about) for members in ((), (BUDI, RATNA, AGUS), many) for about in ARGUMENTS]
    looks = [(some, about) for some in ((), CANNED) for about in ("", "hal 2", "hal x", "3", "3 hapus", "99")]
    canned = [CannedFound(at, some, about) for some, about in looks]
    canned += [CannedFound(at, CANNED[:1], removed=removed) for removed in (True, False)]
    return [
        Recorded(at), CertificateFound(at, None), CertificateFound(at, at.date()),
        *(ProofBegun(at, outcome, at) for outcome in ("sent", "too_many", "off")),
        *(ProofChecked(at, outcome, 2, "somebody") for outcome in ("proved", "wrong", "spent", "claimed")),
        *(Redeemed(at, outcome, signed_out="somebody") for outcome in ("proved", "claimed", "spent")),
        *(Redeemed(at, "appointed", role, "Ratna") for role in (None, *Role)),
        *(AccountFound(at, account, STORED, about) for account in (None, SITI) for about in ("daftar", "privasi", "")),
        Erased(at, "erased"), Erased(at, "staff"), Invited(at, LINK, at),
        *(Revoked(at, outcome, "Budi", "somebody") for outcome in ("revoked", "last", "gone")),
        *(CannedKept(at, outcome) for outcome in ("kept", "taken", "full")),
        AuditFound(at, ()), AuditFound(at, (entry, replace(entry, action="new", actor="cli", subject="")) * 9, "words"),
        *staff, *canned, *complaint_answers(at)[::3],
    ]  # fmt: skip


FINDINGS = ["aduan", "aduan tambah", "aduan tarik", "aduan buka", "tiket", "tiket jawab", "tiket pindah",
    "tiket riwayat 3", "tiket arahkan", "contoh", "contoh ya"]  # fmt: skip
LISTINGS = ["status", "daftar", "daftar 3", "daftar x"]
CANNED = tuple(Canned(number, f"{number} ".ljust(LONGEST_TITLE, "x"), "y" * 2000) for number in range(1, MOST + 1))
PHOTO = Attachment("photo", "AgAC", size=1000)


def complaint_answers(at: datetime, *, every: bool = False) -> list[Answered]:
    """Answers about complaints in every state that one can be in, for all that can be asked; or some of each."""
    plain = file(FileComplaint("help", "AMS menolak surat saya"), "ADU-2026-00001", at, GUIDE.book, person="somebody")
    secret = file(
        FileComplaint("misconduct", "x" * 2000, confidential=True, attachments=(PHOTO,) * 5,
                      origin="step=5 symptom=forgot_pass"),
        "ADU-2026-99999", at, GUIDE.book, person="somebody", name="Siti " * 20, unit="Diskominfo " * 9,
    )  # fmt: skip
    held = replace(plain, holder=4, holder_name="Ratna", category="gone", stopped_at=at, person=None, text="")
    ones = [replace(one, status=status) for status in Status for one in (plain, secret, held)]
    ones = [replace(one, number=f"ADU-2026-{90_000 + place}") for place, one in enumerate(ones)]
    acts = [(act, one) for act in Act for one in ones]
    looks = [(one, about) for one in ones for about in FINDINGS]
    counts = [(count, about) for about in LISTINGS for count in (27, 0, 1)]
    if not every:
        counts = counts[::2]
        acts, looks = acts[:: len(ones) + 1], looks[:: len(FINDINGS) + 1]
    lines = tuple(Happening(at, "officer", "Ratna", "telegram", act, "x" * 2000) for act in [*Act, *Mark, "new"])
    return [
        *(ComplaintFiled(at, one) for one in (plain, secret)),
        *(ComplaintFound(at, None, about=about) for about in ("aduan", "tiket jawab")),
        *(ComplaintFound(at, one, lines, ("Sudah beres.", "y" * 2000), about, canned=CANNED) for one, about in looks),
        *(ComplaintsFound(at, tuple(ones)[:count], about) for count, about in counts),
        *(
            ComplaintsFound(at, tuple(ones)[:count], "antrean", only, page, count * page)
            for count, page in ((2, 1), (2, 7), (0, 1))
            for only in Filter
        ),
        *(ComplaintHandled(at, "refused", act, one) for act, one in acts),
        *(ComplaintHandled(at, "done", act, plain) for act in Act), ComplaintHandled(at, "gone", Act.TAKE),
        *(ComplaintsExported(at, outcome, period) for outcome in ("sent", "none", "too_large") for period in PERIODS),
    ]  # fmt: skip


def lawful(session: Session, event: Event, standing: Standing | None = None) -> Step:
    """Advance, and check what is true of every step; by default for somebody who may stand where the session stands."""
    standing = standing or standing_in(session)
    step = GUIDE.advance(session, event, standing)
    assert GUIDE.advance(session, event, standing) == step, "the same session and event gave another step"
    assert stored(step.session) == step.session, "the session is not what was stored"
    assert step.session.turn >= session.turn, "the turn went back: stale buttons would come to life"
    if not isinstance(event, Left | Returned):
        flows = [GUIDE.flows[frame.flow] for frame in step.session.stack]
        assert all(standing.may(flow.roles) for flow in flows), "somebody stands where they may not"
    questions = [effect for effect in step.effects if isinstance(effect, Say | Revise) and effect.asks]
    assert len(questions) <= 1, "two questions at once"
    for effect in step.effects:
        if isinstance(effect, Say | Revise | Tell):
            check_message(effect)
        if isinstance(effect, SetAlarm):
            assert effect.at > event.at, f"{effect.name} is set in the past"
            closing = GUIDE.book.calendar.is_open(effect.at - timedelta(minutes=1))
            assert GUIDE.book.may_disturb(effect.at) or closing, f"{effect.name} would ring outside the service hours"
    return step


@lru_cache(maxsize=1000)
def stored(session: Session) -> Session:
    """What is read after it was written; most events leave the session as it was."""
    return load(dump(session))


def check_message(message: Say | Revise | Tell) -> None:
    assert any(said(message)), "an empty message"
    for button in buttons(message):
        assert labelled(button.label).strip()
        assert bool(button.data) != bool(button.url), f"{button} has to carry data or an address"
        assert len(button.data.encode()) <= MAX_DATA_BYTES
    data = [button.data for button in buttons(message)]
    assert len(message.keyboard) <= MAX_ROWS
    if listing(data):
        return  # as many as there are members, in pages
    if picking(data):
        assert len(message.keyboard) <= MAX_PAGE_ROWS
    elif all(len(row) == 1 for row in message.keyboard):  # the date picker has a grid
        assert len(data) - (CONTACT in data) <= MAX_BUTTONS


def listing(data: list[str]) -> bool:
    """Whether the buttons are a page of the members of staff, or of the canned answers."""
    return any(re.fullmatch(r"/petugas \d+( wakil \d+)?|/contoh \d+", each) for each in data)


def picking(data: list[str]) -> bool:
    """Whether the buttons are a page of the list of places."""
    carried = [decode(each) for each in data]
    return CLOSE in {each.option for each in carried if each is not None}


def check_buttons_work(session: Session, at: datetime, shown: Say | Revise, standing: Standing | None = None) -> None:
    for button in buttons(shown):
        if not button.url:
            talk = Talk(at=at, session=session, standing=standing)
            talk.presses_data(button.data)
            assert talk.heard, f"{button.data} is answered with nothing"
            assert STALE not in talk.heard, f"{button.data} is stale as soon as it is shown"
            assert UNKNOWN not in talk.heard, f"{button.data} carries an unknown command"
            assert talk.office.refusals == [], f"{button.data} was shown to somebody who may not press it"


def options_of(flow: str, state: str) -> list[str]:
    question = GUIDE.flows[flow].by_name[state]
    return [option.id for option in question.options] if isinstance(question, Choose | Ask | Review) else []


def walked_to(flow: str, state: str) -> Session:
    """At a state with an answer to everything that is asked before it in the table."""
    trail = []
    for before in GUIDE.flows[flow].states:
        if before.name == state:
            break
        if isinstance(before, Choose | Review):
            trail.append(Answer(before.name, before.options[0].id))
        elif isinstance(before, Ask):
            trail.append(Answer(before.name, "2026-11-20"))
    return Session(7, (Frame(flow, GUIDE.flows[flow].version, state, tuple(trail)),))
