"""A sealed value opens with its key, in its column, as it was; in any other case it does not open at all."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import Ring, SealBroken, StorageError, Unavailable, keyfile
from tests.databases import RING, SECRET_KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANY_TEXT = st.text(st.characters(), max_size=50)  # half surrogate pairs included


@given(ANY_TEXT, ANY_TEXT.filter(lambda text: text.isascii()))
def test_any_text_comes_back_and_its_length_alone_is_seen(plain: str, context: str) -> None:
    sealed = RING.seal(context, plain)
    assert RING.open(context, sealed) == plain
    assert len(sealed) == 33 + len(plain.encode("utf-8", "surrogatepass"))
    assert sealed != RING.seal(context, plain)
    assert RING.is_newest(sealed)


@given(ANY_TEXT, st.integers(0), st.integers(1, 255))
def test_every_changed_byte_is_refused(plain: str, place: int, change: int) -> None:
    sealed = bytearray(RING.seal("people.name", plain))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(SealBroken):
        RING.open("people.name", bytes(sealed))


@given(ANY_TEXT, st.integers(0, 100))
def test_a_value_that_was_cut_off_is_refused(plain: str, kept: int) -> None:
    sealed = RING.seal("people.name", plain)
    with pytest.raises(SealBroken):
        RING.open("people.name", sealed[: min(kept, len(sealed) - 1)])


def test_a_value_opens_in_its_own_column_only() -> None:
    with pytest.raises(SealBroken, match="changed outside"):
        RING.open("people.email", RING.seal("people.name", "Siti"))


def test_another_key_says_what_to_do() -> None:
    sealed = RING.seal("people.name", "Siti")
    with pytest.raises(SealBroken, match="PANDU_SECRET_KEY"):
        Ring.parse(Ring.new_key()).open("people.name", sealed)


def test_older_keys_open_and_the_newest_seals() -> None:
    new = Ring.new_key()
    both = Ring.parse(f" {new} , {SECRET_KEY}")
    old = RING.seal("people.name", "Siti")
    assert both.open("people.name", old) == "Siti"
    assert not both.is_newest(old)
    assert Ring.parse(new).open("people.name", both.seal("people.name", "Siti")) == "Siti"


@pytest.mark.parametrize("text", ["", "short", SECRET_KEY[:-4], f"{SECRET_KEY},", "é" * 44, "AAAA", SECRET_KEY[1:]])
def test_what_is_no_key_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="44 letters") as refused:
        Ring.parse(text)
    assert not text or text not in str(refused.value)


def test_a_new_key_is_another_one_each_time() -> None:
    keys = {Ring.new_key() for _ in range(10)}
    assert len(keys) == 10
    assert {len(urlsafe_b64decode(key)) for key in keys} == {32}


# The key file


def test_the_file_is_made_once_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"
    sealed = keyfile.read_or_make(path).seal("people.name", "Siti")
    assert keyfile.read_or_make(path).open("people.name", sealed) == "Siti"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_a_rotation_puts_the_new_key_first(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    old = keyfile.read_or_make(path)
    keyfile.write(path, [Ring.new_key(), *keyfile.keys_in(path)])
    both = keyfile.read_or_make(path)
    sealed = old.seal("people.name", "Siti")
    assert (both.open("people.name", sealed), both.is_newest(sealed)) == ("Siti", False)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_another_process_just_made_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.key"
    place = keyfile._place

    def overtaken(path: Path, keys: list[str], give_name: Callable[[Path, Path], None]) -> None:
        path.write_text(f"{SECRET_KEY}\n")
        path.chmod(0o600)
        place(path, keys, give_name)

    monkeypatch.setattr(keyfile, "_place", overtaken)
    assert keyfile.read_or_make(path).is_newest(RING.seal("people.name", "Siti"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret.key"
    keyfile.read_or_make(path)
    path.chmod(mode)
    with pytest.raises(StorageError, match="chmod 600"):
        keyfile.read_or_make(path)


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\xff\xfe", b"secret\n"])
def test_a_file_without_a_key_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(StorageError, match="holds no secret key"):
        keyfile.read_or_make(path)
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be"):
        keyfile.read_or_make(tmp_path / "file" / "secret.key")


def test_who_only_reads_makes_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no key file"):
        keyfile.read(tmp_path / "secret.key")
    assert list(tmp_path.iterdir()) == []
