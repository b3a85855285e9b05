"""The secret guard: what must not be sent is seen, and what only looks like it is left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.events import Secret
from conversations.guard import identity_in, secret_in

SECRETS: list[tuple[Secret, str]] = [
    ("passphrase", "passphrase saya: Kucing"),
    ("passphrase", "password=rahasia1"),
    ("passphrase", "Password : Pekalongan#2026"),
    ("passphrase", "kata sandi saya adalah kucing"),
    ("passphrase", "pass phrase baru Rahasia123!"),
    ("passphrase", "passwordnya kucing123"),
    ("passphrase", "my password is kitty"),
    ("passphrase", "passphrase saya: kuda merah makan rumput"),
    ("passphrase", "Pak, ini login saya, passphrasenya Budi@1990, tolong dicek"),
    ("passphrase", "pin: 123456"),
    ("passphrase", "Rahasia123!"),
    ("passphrase", "P@ssword1"),
    ("passphrase", "Kuda#Merah"),
    ("passphrase", "pw Rahasia123"),
    ("passphrase", "pass: Abc12345"),
    ("code", "otp 123456"),
    ("code", "kode OTP saya 4821"),
    ("code", "OTP: 2026"),
    ("code", "TOTP 123 456"),
    ("code", "verification code: 482913"),
    ("code", "kode verifikasi 51234"),
    ("code", "kode 482913"),
    ("code", "kodenya 123-456"),
    ("code", "123456"),
    ("code", "123 456"),
    ("nik", "3375012304850001"),
    ("nik", "3375 0123 0485 0001"),
    ("nik", "337501.230485.0001"),
    ("nik", "33.75.01.230485.0001"),
    ("nik", "NIK saya 3375-0123-0485-0001 ya"),
    ("nik", "nik:3375012304850001, nama Siti"),
    ("nik", "4111 1111 1111 1111"),
    ("nik", "3375011234560001 081234567890"),
    ("nik", "198503152009032001 3375011234560001"),
    ("nik", "3375 0112 3456 0001 0812 3456 7890"),
    ("nik", "3375,0112,3456,0001"),
    ("nik", "337501/123456/0001"),
    ("nik", "3375_0112_3456_0001"),
    ("nik", "3375\n0112\n3456\n0001"),
    ("nik", "33750112\u200b34560001"),
    ("code", "OTP: 12 34 56"),
    ("code", "G-123456 is your Google verification code"),
]

INNOCENT = [
    # numbers of people
    "198503122010011001", "19850312 201001 1 001", "NIP 19850312 201001 1 001", "1985 0312 2010 0110 01",
    "NIP: 19850312.201001.1.001", "19850312-201001-1-001 Siti",
    # telephones
    "081234567890", "0812-3456-7890", "0812 3456 7890", "+62 812 3456 7890", "+6281234567890", "(0285) 421234",
    "0285 421234", "081234567890 2026", "0812 3456 789 dan 0285 42123",
    # letters and complaints
    "B/123/XI/2026", "800/1234/2026", "SR-12/DISKOMINFO/2026", "ADU-2026-00017", "nomor surat 123456/SR/2026",
    # dates and times
    "23-11-2026", "20261123", "23 November 2026", "Desember2026", "2026", "10.30", "pukul 10.30 tanggal 23.11.2026",
    "23-11-2026 08123456", "verifikasi tanggal 20261123",
    # speaking of a secret without telling it
    "passphrase saya salah terus", "lupa password", "passphrase: salah", "Kata sandi adalah rahasia",
    "reset password: klik tautan berikut", "password email Budi@pekalongankota.go.id", "apa itu passphrase?",
    "kode OTP tidak datang", "OTP tidak masuk sejak 2026", "OTP tidak masuk ke 0812 3456 7890",
    "OTP berlaku 5 menit sejak pukul 10.30", "menunggu verifikasi sejak 23-11-2026", "sandiwara di kantor",
    # other codes and numbers
    "kode 2031", "error 2011", "kode 2011 muncul saat login", "kode pos 51111", "nomor 12345", "Rp1.500.000",
    "Rp 1.500.000", "2.500.000.000", "kode error 123456",
    # words with capitals and signs
    "Assalamu'alaikum", "Terimakasih!", "Surat-Rekomendasi", "Covid-19", "Diskominfo/Dinkominfo", "Kuripan Yosorejo",
    "Budi.S@pekalongankota.go.id", "Siti@pekalongankota", "https://portal-bsre.bssn.go.id/Login1", "@PanduBot",
    # one word with a digit and no sign may be a name
    "KudaMerah7", "SMPN02Pekalongan", "SDNegeri01", "Bapperida2026", "Office365", "Windows11", "WhatsApp2", "BSrE2031",
    "otp belum masuk sejak 1030", "2011, 2021, 2031, 2041", "2021\n2022\n2023\n2024", "23 11 26",
    "", " ", "🦀", "-", ".",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), SECRETS)
def test_a_secret_is_seen(kind: Secret, text: str) -> None:
    assert secret_in(text, expects_code=False) == kind
    assert secret_in(f"  {text}\n", expects_code=False) == kind


@pytest.mark.parametrize("text", INNOCENT)
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert secret_in(text, expects_code=False) is None
    assert secret_in(text.lower(), expects_code=False) is None


@pytest.mark.parametrize(("text", "kind"), [
    ("123456", None), ("123 456", None), ("kode 123456", None), ("kode OTP 123456", None),
    ("OTP 4821", "code"), ("3375012304850001", "nik"), ("passphrase saya: Kucing", "passphrase"),
])  # fmt: skip
def test_our_own_code_may_be_typed_when_it_was_asked_for_and_nothing_else(text: str, kind: Secret | None) -> None:
    assert secret_in(text, expects_code=True) == kind


@pytest.mark.parametrize("caption", [
    "KTP saya", "foto_ktp.jpg", "ini e-KTP", "KTP-el", "KK", "kartu keluarga", "swafoto", "Selfie", "foto diri",
    "ktpnya Pak Budi", "Kartu Tanda Penduduk", "paspor",
])  # fmt: skip
def test_an_identity_document_is_seen_by_its_caption(caption: str) -> None:
    assert identity_in(caption)


@pytest.mark.parametrize("caption", [
    "", "surat rekomendasi", "SK jabatan", "tangkapan layar AMS", "layar error 2031", "kkn", "laporan KKP",
])  # fmt: skip
def test_other_pictures_are_left_alone(caption: str) -> None:
    assert not identity_in(caption)


WORDS = """
    saya kami sudah belum tidak bisa masuk login lupa salah terus passphrase password kata sandi email dinas kode error
    sertifikat habis baru lama mohon bantu pak bu surat rekomendasi kantor hari ini besok kemarin verifikasi menunggu
    kapan terbit di AMS BSrE TTE portal tautan aktivasi OTP nomor NIP jabatan 2011 2021 2031 2026 3 30 14
""".split()  # noqa: SIM905 - reads as the text it is


# Sixteen digits in a row are taken for an NIK, though somebody may have meant four years.
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)


@given(SENTENCES.filter(lambda text: not re.search(r"(\d ?){16}", text)))
def test_short_sentences_without_a_secret_never_fire(text: str) -> None:
    assert secret_in(text, expects_code=False) in (None, "code")
    if not {"OTP"} & set(text.split()):
        assert secret_in(text, expects_code=False) is None


@given(st.text(max_size=300) | st.from_regex(r"[0-9 .+-]{0,60}", fullmatch=True), st.booleans())
def test_any_text_is_answered(text: str, expects_code: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    assert secret_in(text, expects_code=expects_code) in (None, "passphrase", "code", "nik")
    assert identity_in(text) in (True, False)


@given(
    st.from_regex(r"[0-9]{16}", fullmatch=True),
    st.lists(st.sampled_from(["", " ", ".", "-"]), min_size=15, max_size=15),
    st.sampled_from(["", "NIK ", "no. ", "nik:"]),
)
def test_sixteen_digits_in_a_row_are_always_seen(digits: str, between: list[str], before: str) -> None:
    assert secret_in(f"{before}{digits}", expects_code=False) == "nik"
    spaced = "".join(digit + gap for digit, gap in zip(digits, [*between, ""], strict=True))
    assert secret_in(spaced, expects_code=False) == "nik" or digits.startswith("0") or "20" in digits or "19" in digits


@given(st.integers(1950, 2005), st.integers(1, 12), st.integers(1, 28), st.integers(2006, 2026), st.integers(1, 99))
def test_an_nip_never_fires(year: int, month: int, day: int, appointed: int, number: int) -> None:
    parts = (f"{year}{month:02}{day:02}", f"{appointed}{number:02}", "1", "001")
    for sign in ("", " ", ".", "-"):
        assert secret_in(sign.join(parts), expects_code=False) is None


@pytest.mark.parametrize(
    "text", ["1" * 4096, "1 " * 2048, "a1/" * 1365, "passphrase saya " * 256, "-" * 4096, "A-" * 2048 + "!"]
)
def test_long_texts_take_no_time(text: str) -> None:
    assert secret_in(text * 3, expects_code=False) in (None, "passphrase", "nik")
