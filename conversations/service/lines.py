"""Where in a TOML text a key stands, so that whoever edits it is told the line."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Keys, and places in lists counted from zero: `("info", 2, "label")`."""

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*)
      | (?P<newline>\n)
      | (?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
      | (?P<mark>[\[\]{},=.])
      | (?P<bare>[^\s\#"'\[\]{},=.]+)""",
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class Lines:
    """The line of every key and list item of a text that `tomllib` has already accepted."""

    def __init__(self, text: str) -> None:
        self._found: dict[Path, int] = {}
        self._lengths: defaultdict[Path, int] = defaultdict(int)
        self._tokens = _tokens(text)
        self._next = next(self._tokens)
        self._document()

    def of(self, path: Path) -> int:
        """Answer the line of this key, or of the innermost table around it that is there; 1 for the whole text."""
        for length in range(len(path), 0, -1):
            if (line := self._found.get(path[:length])) is not None:
                return line
        return 1

    def _take(self) -> _Token:
        taken, self._next = self._next, next(self._tokens, _END)
        return taken

    def _took(self, mark: str) -> bool:
        return self._next.kind == "mark" and self._next.text == mark and self._take() is not None

    def _document(self) -> None:
        table: Path = ()
        while self._next is not _END:
            if self._next.kind == "newline":
                self._take()
            elif self._took("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        line, of_list = self._next.line, self._took("[")
        keys = self._keys()
        table: Path = ()
        for place, key in enumerate(keys):
            table = (*table, key)
            self._found.setdefault(table, line)
            if of_list and place == len(keys) - 1:
                self._lengths[table] += 1
            if self._lengths[table]:
                table = (*table, self._lengths[table] - 1)
        self._found[table] = line
        while self._took("]"):
            pass
        return table

    def _keys(self) -> list[str]:
        """Read `a.b."c"` up to the mark that ends it."""
        keys = []
        while self._next.kind in {"bare", "text"} or self._took("."):
            if self._next.kind in {"bare", "text"}:
                keys.append(self._take().text.strip("\"'"))
        return keys

    def _pair(self, table: Path) -> None:
        line = self._next.line
        path = table
        for key in self._keys():
            path = (*path, key)
            self._found.setdefault(path, line)
        self._took("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        if self._took("["):
            self._items(path)
        elif self._took("{"):
            while not self._took("}"):
                if not self._took(",") and self._next.kind != "newline":
                    self._pair(path)
                elif self._next.kind == "newline":
                    self._take()
        else:
            while not self._ends_value():
                self._take()

    def _items(self, path: Path) -> None:
        place = 0
        while not self._took("]"):
            if self._next.kind == "newline" or self._next.text == ",":
                self._take()
                continue
            self._found[*path, place] = self._next.line
            self._value((*path, place))
            place += 1

    def _ends_value(self) -> bool:
        ends = self._next.kind == "mark" and self._next.text in "]},"
        return ends or self._next.kind == "newline" or self._next is _END


_END = _Token("end", "", 0)


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup not in {None, "skip"}:
            yield _Token(str(match.lastgroup), match.group(), line)
        line += match.group().count("\n")
    yield _END
