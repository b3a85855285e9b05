"""What an operator may set: environment variables, or lines of `.env`. `.env.example` lists them all."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from storage.keyfile import read, read_or_make
from storage.sealing import Ring

TOKEN = r"[0-9]+:[A-Za-z0-9_-]{10,}"  # noqa: S105 - a pattern
"""The shape of a bot's token, as a pattern. Whatever is accepted by it is also kept out of the log."""

_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class WrongSetting(Exception):  # noqa: N818 - it is said to the operator as a sentence, not as an error
    """A setting has a value that it cannot take. The message names it and what it takes."""


def _complete(value: str, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(value)
        whole = bool(parts.hostname or parts.scheme.startswith(("sqlite", "postgresql"))) and parts.port != 0
    except ValueError:  # a bracket that is not closed, a port that is no number
        whole = False
    if not whole or parts.scheme not in schemes:
        raise ValueError(f"takes an address that begins with {' or '.join(f'{s}://' for s in schemes)}")
    return value.rstrip("/")


def _address(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        return _complete(value, schemes)

    return AfterValidator(check)


def _secret_address(*schemes: str) -> AfterValidator:
    """An address that may hold a password."""

    def check(value: SecretStr) -> SecretStr:
        return SecretStr(_complete(value.get_secret_value(), schemes))

    return AfterValidator(check)


def _mailbox(value: SecretStr) -> SecretStr:
    whole = _complete(value.get_secret_value(), ("imaps", "imap"))
    parts = urlsplit(whole)
    if not (parts.username and parts.password):
        raise ValueError("takes user and password as well: imaps://user:password@host:993/Folder")
    if parts.scheme == "imap" and parts.hostname not in _THIS_MACHINE:
        raise ValueError("takes an address that begins with imaps:// (imap:// only on this machine)")
    return SecretStr(whole)


def _token(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not re.fullmatch(TOKEN, value.get_secret_value()):
        raise ValueError(
            "takes the token that BotFather gave you, such as 123456:ABC-DEF; leave it out for the sandbox"
        )
    return value


def _keys(value: SecretStr) -> SecretStr:
    Ring.parse(value.get_secret_value())  # its sentence says what is wrong
    return value


def _mail_address(value: str) -> str:
    try:
        address = Address(addr_spec=parseaddr(value)[1])
    except (HeaderParseError, IndexError, ValueError):
        address = Address()
    if not (address.username and address.domain and value.isprintable()):
        raise ValueError("takes the sender of mail, such as Diskominfo <diskominfo@example.go.id>")
    return value


def _public(value: str) -> str:
    value = _complete(value, ("https", "http"))
    parts = urlsplit(value)
    if parts.scheme == "http" and parts.hostname not in _THIS_MACHINE:
        raise ValueError("takes an address that begins with https:// (http:// only on this machine)")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("takes an address without user, query or fragment, such as https://pandu.example.go.id")
    return value


class Settings(BaseSettings):
    """Every setting with its default; names of the environment are these with `PANDU_` in front."""

    model_config = SettingsConfigDict(
        env_prefix="PANDU_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    telegram_token: Annotated[SecretStr, AfterValidator(_token)] = Field(
        default=SecretStr(""), description="Token from BotFather. Without it the sandbox starts."
    )
    telegram_api: Annotated[str, _address("https", "http")] = Field(
        default="https://api.telegram.org", description="Base address of the Telegram Bot API."
    )
    data_dir: Path = Field(
        default=Path("data"), description="Folder of the SQLite file, its lock, and the key file secret.key."
    )
    database_url: Annotated[SecretStr, _secret_address("sqlite+aiosqlite", "postgresql+asyncpg")] | None = Field(
        default=None, description="Database; by default the file pandu.sqlite3 in PANDU_DATA_DIR."
    )
    secret_key: Annotated[SecretStr, AfterValidator(_keys)] | None = Field(
        default=None,
        description="Key that seals personal data in the database; by default the file secret.key in PANDU_DATA_DIR.",
    )
    smtp_url: Annotated[SecretStr, _secret_address("smtp", "smtps")] | None = Field(
        default=None,
        description="Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://…:465; without it no mail.",
    )
    mail_from: Annotated[str, AfterValidator(_mail_address)] | None = Field(
        default=None, description="Sender of mail: Diskominfo <diskominfo@example.go.id>."
    )
    imap_url: Annotated[SecretStr, AfterValidator(_mailbox)] | None = Field(
        default=None,
        description="Mailbox of PANDU_MAIL_FROM: imaps://user:password@host:993/Folder; without it no answer is read.",
    )
    web_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port of the web edge, on this machine only, for links in mails to officials; without it none.",
    )
    public_url: Annotated[str, AfterValidator(_public)] | None = Field(
        default=None,
        description="Address under which the web edge is reached from outside, such as https://pandu.example.go.id.",
    )
    service_file: Path | None = Field(
        default=None, description="The service standard of your city; by default that of Kota Pekalongan."
    )
    sandbox_port: int = Field(
        default=8480, ge=0, le=65535, description="Port of the sandbox page, on this machine only."
    )
    log_format: Literal["text", "json"] = Field(default="text", description="How log lines are written.")
    chat_burst: int = Field(
        default=30,
        ge=0,
        description="Answers in a row to one chat before they are paced to one a second; 0 never paces.",
    )

    @property
    def sandboxed(self) -> bool:
        return not self.telegram_token.get_secret_value()

    @property
    def database(self) -> str:
        """The address of the database. It may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return self._file("pandu.sqlite3")

    def ring(self, *, make: bool = True) -> Ring:
        """The keys that seal personal data. Raises StorageError.

        Makes the key file at the first start; who only reads does not (`make`), lest a wrong folder get a wrong key.
        """
        if self.secret_key is not None:
            return Ring.parse(self.secret_key.get_secret_value())
        return read_or_make(self.key_file) if make else read(self.key_file)

    @property
    def key_file(self) -> Path:
        return self.data_dir / "secret.key"

    @property
    def sender(self) -> str:
        """Who mail is from: the setting, or an address at the mail server's own name."""
        if self.mail_from is not None or self.smtp_url is None:
            return self.mail_from or "pandu@localhost"
        return f"Pandu <pandu@{urlsplit(self.smtp_url.get_secret_value()).hostname}>"

    def of_the_sandbox(self) -> Settings:
        """The same with the sandbox's own database: what was played never meets what is real."""
        return self.model_copy(update={"database_url": SecretStr(self._file("sandbox.sqlite3"))})

    def _file(self, name: str) -> str:
        return URL.create("sqlite+aiosqlite", database=str(self.data_dir / name)).render_as_string()


def read_settings() -> Settings:
    """The settings of this process. Raises WrongSetting with one sentence for the first that is wrong."""
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        name = f"PANDU_{str(first['loc'][0]).upper()}"
        why = first["msg"].removeprefix("Value error, ")
        raise WrongSetting(f"{name} {why[0].lower()}{why[1:]}. Correct it in the environment or in .env.") from None
