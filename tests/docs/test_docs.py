"""What is written for people agrees with the program: settings, commands, targets, diagrams, links."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import main
from bot.settings import Settings
from conversations.diagram import drawn, life, rights
from conversations.flow import Flow
from tests.conversations.talk import GUIDE

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
GUIDES = [page for page in PAGES if not page.name.startswith(("flow-", "complaint"))]

SETTINGS = {f"PANDU_{name.upper()}": field for name, field in Settings.model_fields.items()}
COMMANDS = {name for name, command in main.commands.items() if not command.hidden}
HIDDEN = main.commands.keys() - COMMANDS
TARGETS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
TARGETS -= {"help"}  # it is what `make` alone does


def guides() -> str:
    """What explains the program; the list of changes explains nothing."""
    explaining = [page for page in GUIDES if page.name != "CHANGELOG.md"]
    return "\n".join(page.read_text(encoding="utf-8") for page in explaining)


# ------------------------------------------------------------------------------------------------------------ settings


def example() -> dict[str, tuple[str, str]]:
    """Each setting of `.env.example`: its value, and the comment above it."""
    found: dict[str, tuple[str, str]] = {}
    comment: list[str] = []
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"(PANDU_\w+)=(.*)", line):
            found[match[1]] = (match[2], " ".join(comment))
            comment = []
        else:
            comment = [*comment, line.removeprefix("# ")] if line.startswith("#") else []
    return found


def test_the_example_names_every_setting_once_in_some_order_of_its_own() -> None:
    assert set(example()) == set(SETTINGS)
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert len(re.findall(r"^PANDU_\w+=", text, re.MULTILINE)) == len(SETTINGS)


def test_the_example_shows_the_defaults() -> None:
    for name, (value, _) in example().items():
        default = SETTINGS[name].get_default()
        shown = "" if default is None or name == "PANDU_TELEGRAM_TOKEN" else str(default)
        assert value == shown, name


def test_the_example_read_as_it_stands_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    copied = tmp_path / ".env"
    copied.write_bytes((ROOT / ".env.example").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert Settings() == Settings(_env_file=None)  # type: ignore[call-arg] # pydantic-settings takes it


def test_the_example_says_what_each_setting_is() -> None:
    for name, (_, comment) in example().items():
        said = SETTINGS[name].description
        assert said, f"{name} has no description"
        subject = re.split(r"[.:;]", said)[0]
        assert comment.startswith(subject), f"{name}: {comment!r} does not begin with {subject!r}"


# ---------------------------------------------------------------------------------------------------------- the guides


@pytest.mark.parametrize("page", [page for page in GUIDES if page.parent == ROOT], ids=lambda page: page.name)
def test_a_page_begins_with_its_title(page: Path) -> None:
    assert page.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_explained(name: str) -> None:
    assert name in guides()


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_target_is_explained(target: str) -> None:
    assert re.search(rf"\bmake {target}\b", guides())


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_explained(command: str) -> None:
    assert re.search(rf"`(\S*pandu |make )?{command}\b", guides())


def test_what_the_guides_speak_of_exists() -> None:
    text = guides()
    assert set(re.findall(r"PANDU_[A-Z_]*[A-Z]", text)) <= SETTINGS.keys()
    assert set(re.findall(r"`make ([a-z]+)", text)) <= TARGETS
    assert set(re.findall(r"`(?:pandu|python -m bot) ([a-z][a-z-]*)", text)) <= COMMANDS | HIDDEN


def test_what_the_program_speaks_of_exists() -> None:
    for path in tracked():
        if path.suffix == ".py" and path.is_relative_to(ROOT / "bot"):
            text = path.read_text(encoding="utf-8")
            assert set(re.findall(r"PANDU_[A-Z_]*[A-Z]", text)) <= SETTINGS.keys(), path
            assert set(re.findall(r"`make ([a-z]+)", text)) <= TARGETS, path
            assert set(re.findall(r"`pandu ([a-z][a-z-]*)", text)) <= COMMANDS | HIDDEN, path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings_that_are_there(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith(("https://", "http://127.0.0.1", "mailto:")):
            continue
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not heading or heading in headings(target), f"{page.name} links to {link}"


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub writes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


# ------------------------------------------------------------------------------------------------------------ diagrams


@pytest.mark.parametrize("flow", GUIDE.flows.values(), ids=lambda flow: flow.name)
def test_a_diagram_is_that_of_the_table(flow: Flow) -> None:
    page = ROOT / "docs" / f"flow-{flow.name}.md"
    assert page.read_text(encoding="utf-8") == drawn(flow), "run `make diagrams`"


def test_the_table_of_rights_is_that_of_the_commands() -> None:
    assert (ROOT / "docs" / "rights.md").read_text(encoding="utf-8") == rights(), "run `make diagrams`"


def test_the_life_of_a_complaint_is_drawn_as_it_is() -> None:
    assert (ROOT / "docs" / "complaint.md").read_text(encoding="utf-8") == life(), "run `make diagrams`"


def test_there_is_no_diagram_of_a_flow_that_is_gone() -> None:
    drawings = {page.stem.removeprefix("flow-") for page in (ROOT / "docs").glob("flow-*.md")}
    assert drawings == GUIDE.flows.keys()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("flow-*.md")), ids=lambda page: page.name)
def test_a_diagram_is_one_block_of_mermaid(page: Path) -> None:
    opened, closed = re.findall(r"^```.*$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert (opened, closed) == ("```mermaid", "```")
    block = page.read_text(encoding="utf-8").split("```")[1].splitlines()[1:]
    assert block[0] == "stateDiagram-v2"
    edge = re.compile(r"    (\[\*\]|\w+) --> (\[\*\]|\w+)(: [^:;#]+)?")
    assert [line for line in block[1:] if not edge.fullmatch(line)] == []


# ------------------------------------------------------------------------------------------------------ what is shipped

FOREIGN = {
    "a path of one machine": re.compile(r"(?<![\w.:/*])/(?:work|root|home|Users)/\w+"),
    "an index of packages": re.compile(
        r"--(?:extra-)?index-url|files\.pythonhosted|pypi\.org/simple|registry\.\w+\.\w+"
    ),
    "a word of whoever made it": re.compile(r"\b(?:ChatGPT|Claude|Copilot|LLM)\b"),
}


def tracked() -> Iterator[Path]:
    """The files of the repository; a copy without its history has no list of them."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout, so nothing tells which files belong to it")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)  # noqa: S607 - git is where the machine has it
    yield from (ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def test_no_file_names_a_machine_an_index_or_a_maker() -> None:
    for path in tracked():
        if path.suffix not in {".png", ".sqlite3"} and path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            for what, pattern in FOREIGN.items():
                found = pattern.search(text)
                assert found is None, f"{path.relative_to(ROOT)} holds {what}: {found and found[0]}"


def test_a_lock_pins_every_package_with_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        packages = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert packages
        for line in packages:
            assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==\S+", line), f"{name}: {line}"
        assert len([line for line in lines if "--hash=sha256:" in line]) >= len(packages)
