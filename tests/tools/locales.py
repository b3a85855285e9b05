"""`make locales`: bring the catalogs up to date with the texts in the code; what lacks a translation is listed."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
SOURCES = ("conversations", "bot")
SOURCE_LANGUAGE = "en"


def msgids() -> set[str]:
    """Every text that the code marks with N_."""
    found: set[str] = set()
    for folder in SOURCES:
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, keywords={"N_": None}):
            found.add(str(message))
    return found


def catalog_path(language: str) -> Path:
    return ROOT / "locales" / language / "LC_MESSAGES" / "pandu.po"


def update(language: str, wanted: set[str]) -> list[str]:
    """Write one catalog with exactly the wanted messages; answers those without a translation."""
    path = catalog_path(language)
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    known = {str(message.id): str(message.string) for message in catalog if message.id}
    fresh = Catalog(
        locale=language, header_comment=catalog.header_comment, project="Pandu", version="1",
        creation_date=catalog.creation_date, revision_date=catalog.revision_date, fuzzy=False,
        last_translator=" ", language_team=" ", msgid_bugs_address=" ",
    )  # fmt: skip
    for msgid in wanted:
        fresh.add(msgid, msgid if language == SOURCE_LANGUAGE else known.get(msgid, ""))
    with path.open("wb") as file:
        write_po(file, fresh, width=0, sort_output=True)
    return sorted(msgid for msgid in wanted if language != SOURCE_LANGUAGE and not known.get(msgid))


def main() -> None:
    wanted = msgids()
    for language in ("id", SOURCE_LANGUAGE):
        for msgid in update(language, wanted):
            print(f"{language}: not translated: {msgid!r}")  # noqa: T201 - this is its output


if __name__ == "__main__":
    main()
