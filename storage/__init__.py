"""What is remembered: tables, migrations, queries. `Store` is the door, `Transaction` what can be done behind it."""

from storage.errors import Conflict, StorageError, Unavailable, WrongSchema
from storage.sqlite import sqlite_note
from storage.store import Store, restore
from storage.transaction import Transaction

__all__ = [
    "Conflict",
    "StorageError",
    "Store",
    "Transaction",
    "Unavailable",
    "WrongSchema",
    "restore",
    "sqlite_note",
]
