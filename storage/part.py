"""What one kind of thing can do inside a transaction: `tx.employees`, `tx.proofs`, `tx.staff`, `tx.audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol

    import sqlalchemy as sa

    from storage.tables import Row
    from storage.vault import Vault

    class Execute(Protocol):
        """Does a statement in the transaction; raises as `storage.errors` says."""

        async def __call__(
            self, statement: sa.Executable, parameters: Row | Sequence[Row] | None = None, /
        ) -> sa.CursorResult[Any]: ...


class Part:
    """Shares the connection and the keys of its transaction. `writes`: rows that are read are locked."""

    def __init__(self, execute: Execute, vault: Vault, *, dialect: str, writes: bool) -> None:
        self._execute = execute
        self._vault = vault
        self._dialect = dialect
        self._writes = writes

    def _seal(self, column: sa.Column[bytes], plain: str | None) -> bytes | None:
        return self._vault.seal(column, plain) if plain else None

    def _open(self, column: sa.Column[bytes], sealed: bytes | None) -> str | None:
        return None if sealed is None else self._vault.open(column, sealed)
