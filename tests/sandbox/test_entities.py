"""Formatted text, as Telegram reads it."""

from __future__ import annotations

import pytest

from bot.sandbox.entities import Entity, parse, units


def entity(kind: str, offset: int, length: int, **more: str) -> Entity:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("biasa", "biasa", []),
        ("<b>a</b>&lt;&amp;&#33;", "a<&!", [entity("bold", 0, 1)]),
        ("a &copy; & b", "a &copy; & b", []),
        ("😀<i>b</i>", "😀b", [entity("italic", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [entity("bold", 0, 2), entity("italic", 1, 1)]),
        ("<B>a</b>", "a", [entity("bold", 0, 1)]),
        ("  <u> a</u> \n", "a", [entity("underline", 0, 1)]),
        ('<a href="https://x.id/?a=1&amp;b=2">x</a>', "x", [entity("text_link", 0, 1, url="https://x.id/?a=1&b=2")]),
        ("<a href='tidak'>x</a>", "x", []),
        ("<a>x.id</a>", "x.id", [entity("text_link", 0, 4, url="http://x.id/")]),
        ('<span class="tg-spoiler">s</span>', "s", [entity("spoiler", 0, 1)]),
        ('<code class="language-py">p</code>', "p", [entity("code", 0, 1)]),
        ("<b></b>a", "a", []),
        ("<i>a</ >", "a", [entity("italic", 0, 1)]),
        ("<i  lang = id  x>a</i>", "a", [entity("italic", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
        ("<blockquote cite=''>a</blockquote>", "a", [entity("blockquote", 0, 1)]),
        ("&#12345678; &lt;&lt", "&#12345678; <<", []),
        ("x<pre><code>p</code></pre>", "xp", [entity("pre", 1, 1)]),
        ("tulis /menu ya", "tulis /menu ya", [entity("bot_command", 6, 5)]),
        ("a/b <code>/menu</code>", "a/b /menu", [entity("code", 4, 5)]),
        ("buka https://a.id/b.", "buka https://a.id/b.", [entity("url", 5, 14)]),
        ("ke a@b.go.id", "ke a@b.go.id", [entity("email", 3, 9)]),
    ],
)
def test_html_is_read(source: str, text: str, entities: list[Entity]) -> None:
    assert parse(source, "HTML") == (text, entities)


def test_length_counts_utf16_units() -> None:
    assert [units(text) for text in ("", "aé", "😀")] == [0, 2, 2]
