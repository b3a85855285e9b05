"""Many rows for one statement, bound in one go.

What SQLAlchemy does for each row (match names, look up types, copy) takes three times as long as SQLite needs to write
it. Here it is done once for each statement, and a row becomes the plain tuple that the driver takes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa
    from sqlalchemy.sql.compiler import SQLCompiler

    from storage.tables import Row

Process: TypeAlias = "Callable[[Any], Any]"

STATEMENTS = 128  # a few times as many as there are


class Bound:
    """A statement in the words of one database, and how a row becomes its parameters."""

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect, names: tuple[str, ...]) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(names))  # type: ignore[attr-defined]  # all that are executed can be compiled
        self.text = str(compiled)
        self._places = [(name, _process(compiled, dialect, name)) for name in compiled.positiontup or ()]
        self._fixed = {name: value for name, value in compiled.params.items() if name not in names}

    def rows(self, rows: Sequence[Row]) -> list[tuple[object, ...]]:
        """Rows as the driver takes them. `ValueError`: a type refuses a value."""
        given = [{**self._fixed, **row} for row in rows] if self._fixed else rows
        return [tuple([p(row[name]) if p else row[name] for name, p in self._places]) for row in given]


@lru_cache(maxsize=STATEMENTS)
def bound(statement: sa.Executable, dialect: sa.Dialect, names: tuple[str, ...]) -> Bound:
    """The statement for rows that have these names, made once."""
    return Bound(statement, dialect, names)


def _process(compiled: SQLCompiler, dialect: sa.Dialect, name: str) -> Process | None:
    return compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
