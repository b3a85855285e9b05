"""What is remembered: tables, migrations, queries. `Store` is the door, `Transaction` what can be done behind it."""

from storage.errors import Conflict, Overtaken, SealBroken, StorageError, Unavailable, WrongSchema
from storage.sealing import Ring
from storage.sqlite import sqlite_note
from storage.store import Store, restore
from storage.transaction import Transaction

__all__ = [
    "Conflict",
    "Overtaken",
    "Ring",
    "SealBroken",
    "StorageError",
    "Store",
    "Transaction",
    "Unavailable",
    "WrongSchema",
    "restore",
    "sqlite_note",
]
