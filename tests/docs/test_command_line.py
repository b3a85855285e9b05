"""The command line says what is wrong in one sentence, without a traceback, and ends with a number for scripts."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from bot.cli import main
from bot.logs import configure
from bot.settings import Settings

SHIPPED = files("conversations.service").joinpath("pekalongan.toml").read_text("utf-8")
COMMANDS = [["run"], ["tour"], ["doctor"], ["migrate"], ["backup", "copy"], ["restore", "copy"], ["diagrams", "."]]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder without settings, so that nothing of this machine counts."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PANDU_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copy").touch()


def pandu(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def pandu_as_a_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(  # noqa: S603 - our own program
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


# ---------------------------------------------------------------------------------------------------- wrong settings


@pytest.mark.parametrize(("setting", "value", "takes"), [
    ("TELEGRAM_TOKEN", "rahasia", "takes the token that BotFather gave you"),
    ("TELEGRAM_TOKEN", "123456:rahasia", "takes the token that BotFather gave you"),
    ("TELEGRAM_API", "ftp://rahasia.example", "takes an address that begins with https:// or http://"),
    ("TELEGRAM_API", "https://", "takes an address that begins with https:// or http://"),
    ("DATABASE_URL", "mysql://pandu:rahasia@server/pandu", "takes an address that begins with sqlite+aiosqlite://"),
    ("DATABASE_URL", "pandu.sqlite3", "takes an address that begins with sqlite+aiosqlite://"),
    ("SMTP_URL", "mail.example.go.id:587", "takes an address that begins with smtp:// or smtps://"),
    ("SMTP_URL", "smtp://pandu:rahasia@[::1", "takes an address that begins with smtp:// or smtps://"),
    ("SMTP_URL", "smtp://pandu:rahasia@mail.example.go.id:port", "takes an address that begins with smtp://"),
    ("MAIL_FROM", "rahasia", "takes the sender of mail, such as Diskominfo <diskominfo@example.go.id>"),
    ("MAIL_FROM", "Dinas <rahasia@>", "takes the sender of mail"),
    ("MAIL_FROM", "Dinas\n <rahasia@example.go.id>", "takes the sender of mail"),
    ("WEB_PORT", "70000", "less than or equal to 65535"),
    ("PUBLIC_URL", "http://pandu.example.go.id/rahasia", "takes an address that begins with https://"),
    ("PUBLIC_URL", "https://rahasia@pandu.example.go.id", "takes an address without user, query or fragment"),
    ("PUBLIC_URL", "pandu.example.go.id", "takes an address that begins with https:// or http://"),
    ("SANDBOX_PORT", "70000", "less than or equal to 65535"),
    ("SANDBOX_PORT", "delapan", "valid integer"),
    ("LOG_FORMAT", "xml", "'text' or 'json'"),
    ("CHAT_BURST", "-1", "greater than or equal to 0"),
])  # fmt: skip
def test_a_wrong_setting_is_named_with_what_it_takes(setting: str, value: str, takes: str) -> None:
    result = pandu("migrate", **{f"PANDU_{setting}": value})
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith(f"PANDU_{setting} ")
    assert takes in result.stderr
    assert "rahasia" not in result.stderr, "a secret may be among wrong values"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_refuses_a_wrong_setting(command: list[str]) -> None:
    result = pandu(*command, PANDU_LOG_FORMAT="xml")
    assert result.exit_code == 2
    assert result.stderr.startswith("PANDU_LOG_FORMAT ")


def test_a_setting_without_a_value_is_not_set() -> None:
    assert pandu("migrate", PANDU_SANDBOX_PORT="", PANDU_DATABASE_URL="").exit_code == 0


def test_a_setting_in_the_file_counts_less_than_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PANDU_LOG_FORMAT=xml\n", encoding="utf-8")
    assert pandu("migrate").exit_code == 2
    assert pandu("migrate", PANDU_LOG_FORMAT="json").exit_code == 0


def test_links_in_mails_need_to_know_where_they_lead() -> None:
    result = pandu("run", PANDU_TELEGRAM_TOKEN="12:a-b_c-d_e-f", PANDU_WEB_PORT="8481")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("PANDU_WEB_PORT is set, so links in mails need PANDU_PUBLIC_URL")


def test_a_port_of_the_web_edge_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        where = {"PANDU_WEB_PORT": port, "PANDU_PUBLIC_URL": "https://pandu.example.go.id"}
        ended = pandu_as_a_process("run", PANDU_TELEGRAM_TOKEN="12:a-b_c-d_e-f", **where)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith(f"PANDU_WEB_PORT is {port}, where another program listens.")


def test_a_sender_with_a_name_is_taken() -> None:
    assert pandu("migrate", PANDU_MAIL_FROM="Diskominfo <diskominfo@example.go.id>").exit_code == 0


def test_a_password_does_not_show_where_settings_are_printed() -> None:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg] # pydantic-settings takes it
        database_url=SecretStr("postgresql+asyncpg://pandu:rahasia@server/pandu"),
        smtp_url=SecretStr("smtp://pandu:rahasia@server"),
    )
    assert "rahasia" not in repr(settings)
    assert settings.database == "postgresql+asyncpg://pandu:rahasia@server/pandu"


@pytest.mark.parametrize("token", ["1:abcdefghij", "12:a-b_c-d_e-f", "4242424242:AAcanary-of-the-tests_0123456789abc"])
def test_a_token_that_is_accepted_is_kept_out_of_the_log(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers, root.level
    configure("text")
    try:
        assert Settings(_env_file=None, telegram_token=SecretStr(token)).telegram_token  # type: ignore[call-arg] # as above
        logging.getLogger("test").warning("asked http://server/bot%s/getMe", token)
    finally:
        root.handlers, root.level = before
    told = capsys.readouterr().err
    assert "getMe" in told
    assert token not in told


def test_the_program_itself_ends_so() -> None:
    ended = pandu_as_a_process("run", PANDU_SANDBOX_PORT="70000")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("PANDU_SANDBOX_PORT ")
    assert "Traceback" not in ended.stderr


# ------------------------------------------------------------------------------------------------ where the database is


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    assert pandu("migrate", PANDU_DATA_DIR="a?b %20&c").exit_code == 0
    assert (tmp_path / "a?b %20&c" / "pandu.sqlite3").is_file()


def test_a_copy_is_put_back_where_the_database_is(tmp_path: Path) -> None:
    elsewhere = {"PANDU_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/city.db"}
    assert pandu("migrate", **elsewhere).exit_code == 0
    assert pandu("backup", "kept.db", **elsewhere).exit_code == 0
    (tmp_path / "city.db").unlink()
    result = pandu("restore", "kept.db", **elsewhere)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (tmp_path / "city.db").is_file()
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret.key"]


def test_a_copy_is_not_put_into_postgresql() -> None:
    result = pandu("restore", "copy", PANDU_DATABASE_URL="postgresql+asyncpg://pandu:rahasia@server/pandu")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("PANDU_DATABASE_URL names a PostgreSQL database.")
    assert "rahasia" not in result.stderr


def test_the_doctor_tells_how_messages_ended() -> None:
    pandu("migrate")
    told = pandu("doctor").stdout
    assert "✓ Database: 0 sessions; messages: 0 sent, 0 to be sent, 0 that Telegram never took, 0 of which " in told


# ------------------------------------------------------------------------------------------------ wrong service files


def test_the_service_file_that_is_shipped_is_in_order(tmp_path: Path) -> None:
    (tmp_path / "kota.toml").write_text(SHIPPED, encoding="utf-8")
    result = pandu("check-service", "kota.toml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("kota.toml is in order: Dinas Komunikasi dan Informatika Kota Pekalongan")


def test_a_broken_service_file_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "kota.toml").write_text(SHIPPED.replace("window_days = 30", "window_days = 0"), encoding="utf-8")
    ended = pandu_as_a_process("check-service", "kota.toml")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("kota.toml, line ")
    assert "renewal.window_days" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", [["run"], ["tour"]], ids=" ".join)
def test_no_command_starts_with_a_broken_service_file(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "kota.toml").write_text(SHIPPED.replace("window_days = 30", ""), encoding="utf-8")
    result = pandu(*command, PANDU_SERVICE_FILE="kota.toml")
    assert result.exit_code == 2
    assert result.stderr.startswith("kota.toml, line ")
    assert result.stderr.rstrip().endswith("renewal.window_days is missing.")


def test_a_service_file_that_is_not_there_is_named() -> None:
    result = pandu("run", PANDU_SERVICE_FILE="tidak-ada.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("PANDU_SERVICE_FILE names tidak-ada.toml, which cannot be read (No such file")
    assert result.stderr.count("\n") == 1


def test_a_service_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kota.toml").write_bytes("name = 'Pekalongan – é'".encode("cp1252"))
    result = pandu("check-service", "kota.toml")
    assert result.exit_code == 2
    assert result.stderr == "kota.toml: this is not a text in UTF-8. Save it as UTF-8 in your editor.\n"


def test_the_mark_that_some_editors_put_first_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "kota.toml").write_text(SHIPPED, encoding="utf-8-sig")
    assert pandu("check-service", "kota.toml").exit_code == 0


def test_the_doctor_names_a_broken_service_file_and_looks_at_the_rest(tmp_path: Path) -> None:
    (tmp_path / "kota.toml").write_bytes(b"\xff\xfe")
    result = pandu("doctor", PANDU_SERVICE_FILE="kota.toml")
    assert result.exit_code == 1
    assert "✗ Service file: kota.toml: this is not a text in UTF-8." in result.stdout
    assert "✓ Catalogs:" in result.stdout


# ----------------------------------------------------------------------------------------------------------------- help


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_says_what_it_does(name: str) -> None:
    result = pandu(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {name}") or f" {name} " in result.stdout.splitlines()[0]
    said = main.commands[name].help
    assert said, f"{name} has no docstring"
    assert " ".join(said.split()) in " ".join(result.stdout.split())


def test_help_lists_every_command_that_is_for_operators() -> None:
    ended = pandu_as_a_process("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    listed = {line.split()[0] for line in ended.stdout.split("Commands:")[1].splitlines() if line.startswith("  ")}
    assert listed & main.commands.keys() == {name for name, command in main.commands.items() if not command.hidden}


def test_the_version_is_that_of_the_package() -> None:
    assert pandu("--version").stdout.startswith("pandu, version ")


# ---------------------------------------------------------------------------------------------------------------- keys


def test_a_copy_of_before_a_new_key_is_refused_until_the_old_one_is_back(tmp_path: Path) -> None:
    assert pandu("migrate").exit_code == 0
    assert pandu("backup", "kept.db").exit_code == 0
    changed = pandu("rotate-key")
    assert changed.exit_code == 0, changed.output
    (old,) = (tmp_path / "data").glob("secret.key.before-*")
    assert old.stat().st_mode & 0o077 == 0
    refused = pandu("restore", "kept.db")
    assert (refused.exit_code, "sealed with another key" in refused.stderr) == (1, True)
    assert pandu("doctor").exit_code == 0, "what was there is as it was"
    old.replace(tmp_path / "data" / "secret.key")
    assert pandu("restore", "kept.db").exit_code == 0
    assert pandu("audit", "verify").exit_code == 0
