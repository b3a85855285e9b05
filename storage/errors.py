"""What can go wrong with storage, by whose turn it is.

    StorageError
    ├── Unavailable   the database does not answer or has no room: wait, it is tried again
    ├── SealBroken    the secret key is not the one of this database, or a sealed value was changed
    ├── Conflict      the same thing is stored already
    │   └── Overtaken another process serves this database: this one must stop
    └── WrongSchema   the tables are not those of this version: migrate, or install the matching version

A transaction that raises one of them has changed nothing. A value that cannot be stored at all (a moment without a
time zone, a number that is too large) is a mistake of the caller and stays a `ValueError`.
"""


class StorageError(Exception):
    """Something the operator must know; the message says what to do next."""


class Unavailable(StorageError):  # noqa: N818 - the name says whose turn it is
    """The database does not answer, or its disk is full."""


class Conflict(StorageError):  # noqa: N818 - as above
    """The same thing is stored already."""


class Overtaken(Conflict):
    """Another process serves this database: whatever this one still wants to write is void."""


class WrongSchema(StorageError):  # noqa: N818 - as above
    """The tables are not those of this version."""


class SealBroken(StorageError):  # noqa: N818 - as above
    """The secret key is not the one of this database, or a sealed value was changed."""
