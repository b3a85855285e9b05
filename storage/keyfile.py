"""The file that holds the secret keys of an installation that is given none by its environment."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from storage.copies import sync
from storage.errors import StorageError, Unavailable
from storage.sealing import Ring

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTE = (
    "# The secret keys of Pandu, the newest first. Without them the database cannot be read: keep a copy elsewhere.\n"
)
OTHERS = 0o077


def read_or_make(path: Path) -> Ring:
    """Read the keys, or make the file with a new one. `StorageError`: others may read it, or it holds no keys."""
    if not path.exists():
        _place(path, [Ring.new_key()], _link)
    return Ring.parse(",".join(keys_in(path)))


def read(path: Path) -> Ring:
    """Read the keys of a database that is there. `StorageError`: there is no file, or as `keys_in`."""
    if not path.exists():
        raise StorageError(
            f"There is no key file {path}. Put back the one of this database, or check PANDU_DATA_DIR; the first "
            "`pandu run` makes both."
        )
    return Ring.parse(",".join(keys_in(path)))


def keys_in(path: Path) -> list[str]:
    """The keys of the file as text, the newest first. `StorageError`: others may read it, or it holds no keys."""
    try:
        with path.open(encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise StorageError(f"Others can read {path}, which holds the secret key. Run `chmod 600 {path}`.")
            keys = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    except UnicodeDecodeError as error:
        raise StorageError(f"{path} holds no secret key. Put back the one of this database.") from error
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({error.strerror}). Check the file and its owner.") from error
    try:
        Ring.parse(",".join(keys))
    except ValueError as error:
        raise StorageError(f"{path} holds no secret key. Put back the one of this database. {error}") from error
    return keys


def write(path: Path, keys: list[str]) -> None:
    """Put these keys into the file, the newest first; at each moment it is whole. `Unavailable`: not possible."""
    _place(path, keys, os.replace)


def _place(path: Path, keys: list[str], give_name: Callable[[Path, Path], None]) -> None:
    """Have these keys on the disk under another name, then give it the right one."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(NOTE + "".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        give_name(unfinished, path)
        sync(path.parent)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written ({error.strerror}). Check its disk and folder.") from error
    finally:
        with suppress(OSError):
            unfinished.unlink()


def _link(unfinished: Path, path: Path) -> None:
    """Give the name unless it is taken: the key of a process that was faster is the one."""
    with suppress(FileExistsError):
        path.hardlink_to(unfinished)
