import tomllib
from importlib.resources import files

from conversations.service.lines import Lines

SHIPPED = files("conversations.service").joinpath("pekalongan.toml").read_text("utf-8")
EVERY_WAY = """\
# a = [
a.b = 1
"c d" = '''
e = 2
''' # f = 3
g = [ # [h]
  { i = 1 }, '# ]',

  [ 2, 3,
    4 ],
]
[[j]]
k = 1
[j.l]
m = 2026-11-22T08:00:00+07:00
[[j]]
k = "it\\"s # ["
"""


def test_the_line_of_a_key_is_found_through_every_way_to_write_it() -> None:
    assert tomllib.loads(EVERY_WAY)["j"][1]["k"] == 'it"s # ['
    found = {
        ("a", "b"): 2,
        ("c d",): 3,
        ("g",): 6,
        ("g", 0, "i"): 7,
        ("g", 1): 7,
        ("g", 2): 9,
        ("g", 2, 2): 10,
        ("j",): 12,
        ("j", 0, "k"): 13,
        ("j", 0, "l"): 14,
        ("j", 0, "l", "m"): 15,
        ("j", 1): 16,
        ("j", 1, "k"): 17,
    }
    lines = Lines(EVERY_WAY)
    assert {path: lines.of(path) for path in found} == found


def test_what_is_not_there_is_looked_for_in_the_table_around_it() -> None:
    lines = Lines(EVERY_WAY)
    assert lines.of(("j", 1, "missing")) == 16
    assert lines.of(("missing", "k")) == 1
    assert lines.of(()) == 1


def test_every_key_of_the_shipped_file_is_found_on_its_own_line() -> None:
    lines, rows = Lines(SHIPPED), SHIPPED.splitlines()

    def walk(value: object, path: tuple[str | int, ...]) -> None:
        match value:
            case dict():
                for key, each in value.items():
                    assert key in rows[lines.of((*path, key)) - 1], (*path, key)
                    walk(each, (*path, key))
            case list():
                for place, each in enumerate(value):
                    walk(each, (*path, place))

    walk(tomllib.loads(SHIPPED), ())
