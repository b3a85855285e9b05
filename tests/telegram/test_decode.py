"""From recorded updates to what happened; and 10,000 mutations of them, none of which may surprise."""

from __future__ import annotations

import copy
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.envelope import Decoded, Envelope, Group, Ignored, Malformed
from bot.telegram.decode import LARGEST_ID, LONGEST_TEXT, decode
from conversations.complaint import Attachment
from conversations.events import Commanded, Event, Left, Pressed, Returned, Said, Shared

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
SENT = datetime.fromtimestamp(1793581200, UTC)
SITI = 5550001
GROUP = -1001234567890
RECORDED = {path.stem: json.loads(path.read_text()) for path in sorted(Path(__file__).parent.glob("updates/*.json"))}

EVENTS: dict[str, Event] = {
    "text": Said(AT, "Sertifikat saya sudah kedaluwarsa, apa yang harus saya lakukan?"),
    "text_styled": Said(AT, "Ya, sudah 👍"),
    "command": Commanded(AT, "perbarui", "", "Siti"),
    "command_named": Commanded(AT, "perbarui", "arg satu", "Siti"),
    "command_bare": Commanded(AT, "start", "", "Siti"),
    "long": Shared(AT, "long"),
    "photo": Shared(AT, "photo", "/batal", Attachment("photo", "AgACAgUAAxkBAAI2", size=81_000)),
    "voice": Shared(AT, "voice", file=Attachment("voice", "AgACAgUAAxkBAAI3", size=9000)),
    "audio": Shared(AT, "voice"),
    "video": Shared(AT, "video", file=Attachment("video", "AgACAgUAAxkBAAI5", size=900_000)),
    "video_note": Shared(AT, "video"),
    "animation": Shared(AT, "video"),
    "sticker": Shared(AT, "sticker"),
    "document": Shared(
        AT, "document", file=Attachment("document", "AgACAgUAAxkBAAI9", "surat-rekomendasi.pdf", 120_000)
    ),
    "contact": Shared(AT, "contact"),
    "location": Shared(AT, "location"),
    "venue": Shared(AT, "location"),
    "poll": Shared(AT, "other"),
    "dice": Shared(AT, "other"),
    "story": Shared(AT, "other"),
    "forwarded": Shared(AT, "forwarded"),
    "forwarded_hidden": Shared(AT, "forwarded"),
    "edited": Shared(AT, "edited"),
    "pressed": Pressed(AT, "renewal:notified:3:yes"),
    "pressed_inaccessible": Pressed(AT, "renewal:notified:1:no"),
    "pressed_without_message": Pressed(AT, "renewal:notified:1:no"),
    "pressed_without_data": Pressed(AT, ""),
    "blocked": Left(AT),
    "unblocked": Returned(AT),
}
GROUPS = {
    "group_added": True,
    "group_removed": False,
    "group_talk": False,
    "group_command": True,
    "group_command_other": False,
    "group_mention": True,
    "group_photo": False,
    "group_pressed": False,
}
IGNORED = {
    "group_anonymous": "written for a chat",
    "by_bot": "written by a bot",
    "channel_post": "channel_post",
    "poll_answer": "poll_answer",
    "pinned": "service message",
    "auto_delete": "service message",
    "write_access": "service message",
    "unknown_kind": "quantum_message",
}


def decoded(name: str) -> Decoded:
    return decode(RECORDED[name], AT, "PanduBot")


def key_of(name: str) -> str:
    return f"telegram:{RECORDED[name]['update_id']}"


def said(text: str, **person: object) -> Envelope:
    update = copy.deepcopy(RECORDED["text"])
    update["message"]["text"] = text
    update["message"]["from"].update(person)
    envelope = decode(update, AT)
    assert isinstance(envelope, Envelope)
    return envelope


def test_every_recorded_update_has_its_expectation() -> None:
    assert set(RECORDED) == set(EVENTS) | set(GROUPS) | set(IGNORED)


@pytest.mark.parametrize("name", EVENTS)
def test_a_private_update_becomes_an_event(name: str) -> None:
    envelope = decoded(name)

    assert isinstance(envelope, Envelope)
    assert envelope.event == EVENTS[name]
    assert (envelope.key, envelope.chat_id, envelope.language_code) == (key_of(name), SITI, "id")


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_is_answered_only_when_it_speaks_to_the_bot(name: str) -> None:
    assert decoded(name) == Group(key_of(name), GROUP, reply=GROUPS[name])


@pytest.mark.parametrize("name", IGNORED)
def test_what_is_none_of_the_bots_business_is_ignored_with_a_reason(name: str) -> None:
    ignored = decoded(name)

    assert isinstance(ignored, Ignored)
    assert (ignored.key, ignored.reason) == (key_of(name), IGNORED[name])


def test_a_press_carries_what_is_needed_to_answer_it() -> None:
    pressed = decoded("pressed")

    assert isinstance(pressed, Envelope)
    assert (pressed.message_id, pressed.callback_id) == (77, "2384710012345")


def test_a_name_loses_what_turns_lines_around_and_stays_short() -> None:
    event = said("/start", first_name="Si\u202eti\u0000 \u2066\u200f Contoh\n" + "x" * 500).event

    assert isinstance(event, Commanded)
    assert event.first_name.startswith("Siti Contoh xxx")
    assert len(event.first_name) == 64


def test_only_a_command_carries_the_name() -> None:
    assert "Siti" not in repr(decoded("text"))


def test_a_text_loses_what_a_database_refuses() -> None:
    assert said("a\x00b\ud800c\td").event == Said(AT, "abc\td")


@pytest.mark.parametrize("text", ["/", "/ perbarui", "/perbarui!", "tanya /perbarui", "/" + "x" * 33])
def test_what_only_looks_like_a_command_is_a_text(text: str) -> None:
    assert said(text).event == Said(AT, text)


@pytest.mark.parametrize("code", [None, 7, "", "id\n", "x" * 40, "<b>"])
def test_a_language_that_is_none_is_left_out(code: object) -> None:
    assert said("ya", language_code=code).language_code is None


@pytest.mark.parametrize(
    ("update", "key", "chat_id"),
    [
        (None, None, None),
        ([], None, None),
        ({}, None, None),
        ({"message": {"chat": {"id": 7}}}, None, 7),
        ({"update_id": 1, "message": None}, "telegram:1", None),
        ({"update_id": 1, "message": {"chat": {"id": True}}}, "telegram:1", None),
        ({"update_id": 1, "message": {"chat": {"id": 2**63}}}, "telegram:1", None),
        ({"update_id": 1, "message": {"chat": {"id": 7, "type": "private"}, "text": "x"}}, "telegram:1", 7),
    ],
)
def test_a_malformed_update_tells_what_is_still_known(update: object, key: str | None, chat_id: int | None) -> None:
    with pytest.raises(Malformed) as error:
        decode(update, AT)

    assert (error.value.key, error.value.chat_id) == (key, chat_id)


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_decoded_or_malformed(update: object) -> None:
    outcome(update)


@given(st.dictionaries(st.sampled_from(["update_id", "message", "callback_query", "my_chat_member"]), JSON))
def test_any_update_of_a_known_kind_is_decoded_or_malformed(update: object) -> None:
    outcome(update)


JUNK: tuple[object, ...] = (
    *(None, True, 0, -1, 2**31, 2**63, 10**30, 1.5, -0.0, 253402300800),
    *("", "x", "\x00", "\ud800", "\u202e" * 9, "9" * 5000, "private", "/start"),
    *([], {}, [[]], {"id": 1}, {"id": None}),
)
FIELDS = (*RECORDED["text"]["message"], "type", "status", "data")


def mutated(rng: random.Random) -> object:
    """A recorded update with one to four fields removed, replaced, moved or doubled."""
    update: object = copy.deepcopy(rng.choice(list(RECORDED.values())))
    for _ in range(rng.randint(1, 4)):
        places = list(walk(update))
        if not places:
            return update
        holder, name = rng.choice(places)
        match rng.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[name]
            case 1:
                other, its = rng.choice(places)
                holder[name] = copy.deepcopy(other[its])
            case 2 if isinstance(holder, dict):
                holder[rng.choice(FIELDS)] = copy.deepcopy(holder[name])
            case _:
                holder[name] = copy.deepcopy(rng.choice(JUNK))
    return update


def walk(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: its container and the key or index there."""
    if isinstance(value, dict):
        for name in value:
            yield value, name
            yield from walk(value[name])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from walk(value[index])


def chat_of(update: object) -> int | None:
    """The chat, found in another way than by the code under test; None where more than one place could name it."""
    if not isinstance(update, dict) or len(update) != 2:
        return None
    part = next((part for name, part in update.items() if name != "update_id"), None)
    chat = part.get("chat") if isinstance(part, dict) else None
    number = chat.get("id") if isinstance(chat, dict) else None
    return number if type(number) is int and abs(number) <= LARGEST_ID else None


def outcome(update: object) -> Decoded | Malformed:
    try:
        result = decode(update, AT, "PanduBot")
    except Malformed as malformed:
        return malformed
    return result


def test_ten_thousand_mutations_surprise_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(20261102)  # noqa: S311 - a repeatable sequence, not a secret
    counts: dict[str, int] = {}
    for _ in range(10_000):
        update = mutated(rng)
        result = outcome(update)
        counts[type(result).__name__] = counts.get(type(result).__name__, 0) + 1
        expected = chat_of(update)
        if expected is not None and "callback_query" not in str(update):
            assert result.chat_id == expected
        if isinstance(result, Envelope):
            repr(result).encode()  # nothing that no database takes

    with capsys.disabled():
        print(f"\n10,000 mutated updates: {counts}")  # noqa: T201 - the figure is what this test is for
    assert min(counts.values()) > 50


def test_what_a_person_sends_carries_its_number_so_that_it_can_be_taken_back() -> None:
    for name in ("text", "photo", "edited"):
        envelope = decoded(name)
        assert isinstance(envelope, Envelope)
        part = RECORDED[name].get("message") or RECORDED[name]["edited_message"]
        assert envelope.message_id == part["message_id"]


def test_the_token_of_a_link_keeps_its_capitals() -> None:
    event = said("/START@PanduBot aB3_x-9ZZ").event

    assert isinstance(event, Commanded)
    assert (event.name, event.argument) == ("start", "aB3_x-9ZZ")


def test_a_caption_is_kept_without_what_no_database_takes() -> None:
    update = copy.deepcopy(RECORDED["photo"])
    update["message"]["caption"] = " foto\u0000 KTP\ud800 " + "x" * 9000
    envelope = decode(update, AT)

    assert isinstance(envelope, Envelope)
    assert isinstance(envelope.event, Shared)
    assert envelope.event.caption.startswith("foto KTP x")
    assert len(envelope.event.caption) <= LONGEST_TEXT


def button(data: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "…", "callback_data": data}]]}


OURS: dict[str, Any] = {"from": {"id": 1, "is_bot": True, "first_name": "Pandu"}, "text": "Pengaduan ADU-2026-00017 …"}


@pytest.mark.parametrize("name", ["text", "photo", "long", "sticker"])
@pytest.mark.parametrize(
    ("replied", "about"),
    [
        (OURS, "ADU-2026-00017"),
        ({"from": OURS["from"], "caption": "Dari pegawai, ADU-2026-00017"}, "ADU-2026-00017"),
        ({"from": OURS["from"], "text": "Tidak ada nomor: ADU-26-17"}, ""),
        ({**OURS, "from": {"id": SITI, "is_bot": False}}, ""),
        ({"text": OURS["text"]}, ""),
        ("ADU-2026-00017", ""),
        (None, ""),
    ],
)
def test_a_reply_to_a_message_of_ours_is_about_its_complaint(name: str, replied: object, about: str) -> None:
    update = copy.deepcopy(RECORDED[name])
    update["message"]["reply_to_message"] = replied
    envelope = decode(update, AT)

    assert isinstance(envelope, Envelope)
    assert isinstance(envelope.event, Said | Shared)
    assert envelope.event.about == about


@pytest.mark.parametrize(
    ("replied", "aside"),
    [
        ({"text": "ADU-2026-00017", "reply_markup": button("/tiket ADU-2026-00017 jawab")}, False),
        ({"text": "ADU-2026-00017", "reply_markup": button("/tiket ADU-2026-00017")}, True),
        ({"text": "ADU-2026-00017", "reply_markup": button("/tiket ADU-2026-00018 jawab")}, True),
        ({"text": "ADU-2026-00017"}, True),
        ({"text": "ADU-2026-00017", "reply_markup": {"inline_keyboard": [7, [None, {"callback_data": 7}]]}}, True),
        ({"caption": "ADU-2026-00017", "photo": []}, False),
    ],
)
def test_a_reply_to_what_only_tells_something_says_so(replied: dict[str, Any], aside: bool) -> None:  # noqa: FBT001 - a parameter
    update = copy.deepcopy(RECORDED["text"])
    update["message"]["reply_to_message"] = {**replied, "from": OURS["from"]}
    envelope = decode(update, AT)

    assert isinstance(envelope, Envelope)
    assert isinstance(envelope.event, Said)
    assert envelope.event.aside is aside


@pytest.mark.parametrize("file_id", [None, 7, "", "https://example.go.id/x", "a b", "x" * 257])
def test_a_file_that_cannot_be_named_again_is_left_out(file_id: object) -> None:
    update = copy.deepcopy(RECORDED["document"])
    update["message"]["document"]["file_id"] = file_id
    envelope = decode(update, AT)

    assert isinstance(envelope, Envelope)
    assert envelope.event == Shared(AT, "document")
