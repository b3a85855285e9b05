"""Files that passed through the chats, kept in memory."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.sandbox.errors import bad_request

MEGABYTE = 1024 * 1024
MAX_DOWNLOAD = 20 * MEGABYTE
MAX_UPLOAD = 50 * MEGABYTE
MAX_PHOTO = 10 * MEGABYTE

IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif", b"RIFF": "image/webp"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`size` may be larger than `content`: people can pretend to send a large file."""

    id: str
    unique_id: str
    path: str
    name: str
    mime: str
    size: int
    content: bytes

    @property
    def folder(self) -> str:
        return self.path.partition("/")[0]

    def shape(self) -> dict[str, object]:
        """What every kind of file carries in the Bot API."""
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size}


class Files:
    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, folder: str, name: str, mime: str, content: bytes, size: int | None = None) -> StoredFile:
        ending = name.rpartition(".")[2] if "." in name else "bin"
        file = StoredFile(
            id=f"BQACAgUAAx{secrets.token_urlsafe(40)}",
            unique_id=f"AgAD{secrets.token_urlsafe(8)}",
            path=f"{folder}/file_{len(self._by_id)}.{ending}",
            name=name,
            mime=mime,
            size=len(content) if size is None else size,
            content=content,
        )
        self._by_id[file.id] = file
        self._by_path[file.path] = file
        return file

    def named(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def to_download(self, file_id: str) -> StoredFile:
        """The file for the bot.

        Raises:
            Refused: There is none, or it is larger than a bot may download.

        """
        file = self.named(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        if file.size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        return file


def image_type(content: bytes) -> str | None:
    """The media type of an image that Telegram shows as a photo, read from its first bytes."""
    return next((mime for start, mime in IMAGES.items() if content.startswith(start)), None)
