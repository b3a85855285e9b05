"""Texts are compared by the stems of the words that tell what they are about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.words import MOST, STEM, stems


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("diperbarui", "perbarui"),
        ("memperbarui", "PERBARUI!"),
        ("sertifikatnya", "sertifikat"),
        ("mengunggah", "unggahan"),
        ("ditandatangani", "tandatangan"),
        ("certificates", "certificate"),
        ("Ｇａｌａｔ", "galat"),
    ],
)
def test_forms_of_one_word_have_one_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other) != frozenset()


@pytest.mark.parametrize("text", ["", "dan yang itu", "a b c", "NIP 197203031998031003", "…!? “”"])
def test_small_words_and_long_numbers_say_nothing(text: str) -> None:
    assert stems(text) <= {"nip"}


def test_an_error_code_is_a_word() -> None:
    assert stems("kode 2031, bukan 2011") == {"kode", "2031", "2011", "bukan"}


@given(st.text())
def test_any_text_has_stems_and_not_too_many(text: str) -> None:
    found = stems(text)
    assert len(found) <= MOST
    assert "" not in found


def test_the_beginning_of_a_long_text_is_enough() -> None:
    assert len(stems(" ".join(f"kata{n}" for n in range(2 * MOST)))) == MOST
    assert len("kata100") > STEM
