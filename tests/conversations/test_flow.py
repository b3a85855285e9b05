"""A flow that is declared wrongly is refused at once, with a sentence that names the place and what to change."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.answers import ExpiryDate, SubmissionMoment
from conversations.check import check, texts
from conversations.diagram import drawn
from conversations.effects import FindCertificate
from conversations.facts import Facts
from conversations.flow import Ask, Choose, Do, End, Flow, FlowError, Link, Option, Remind, Review, State, Switch
from conversations.picker import DatePicker
from conversations.screen import Data, decode, encode
from conversations.text import Words
from tests.conversations.talk import GUIDE

OK = Option("ok", "OK", then="end")
END = End("end", "Bye.")
WHEN = Ask("when", "When?", SubmissionMoment(), then={"": "end"})


def ask(*options: Option, name: str = "ask", links: tuple[Link, ...] = ()) -> Choose:
    return Choose(name, "Well?", options, links=links)


def many(count: int) -> tuple[Option, ...]:
    return tuple(replace(OK, id=f"ok{number}") for number in range(count))


def nothing(facts: Facts) -> tuple[FindCertificate]:  # noqa: ARG001 - the shape of Do.effects
    return (FindCertificate(),)


def find(**then: str) -> Do:
    return Do("do", FindCertificate, nothing, then)


def test_the_smallest_flow_is_a_question_and_an_end() -> None:
    flow = Flow("small", 1, (ask(OK), END))
    assert (flow.start, list(flow.by_name)) == ("ask", ["ask", "end"])


@pytest.mark.parametrize(("states", "sentence"), [
    ((), "f: has no state; it begins with the first."),
    ((ask(OK), ask(OK), END), "f: two states share a name."),
    ((ask(replace(OK, then="gone")), END), "f.ask: 'ok' leads to 'gone', which is no state here."),
    ((Switch("switch", "deadline", {"before": "gone"}), END), "f.switch: 'before' leads to 'gone', which is no state"),
    ((replace(WHEN, then={"": "gone"}), END), "f.when: '' leads to 'gone', which is no state here."),
    ((find(found="end", none="gone"), END), "f.do: 'none' leads to 'gone', which is no state here."),
    ((Review("review", "Right?", (("gone", "Gone"),), (OK,)), END), "f.review: 'fix_gone' leads to 'gone', which is"),
    ((ask(OK, OK), END), "f.ask: option ids must differ from each other and from ['back', 'enough']."),
    ((ask(replace(OK, id="back")), END), "f.ask: option ids must differ from each other and from ['back', 'enough']."),
    ((ask(*many(7)), END), "f.ask: more than 6 buttons; split the question."),
    ((ask(*many(5), links=(Link("A", "ams_url"), Link("B", "ams_url"))), END), "f.ask: more than 6 buttons; split"),
    ((ask(replace(OK, detour="trouble")), END), "f.ask: option 'ok' has both `then` and `detour`; choose one."),
    ((ask(OK, Option("no", "No")), END), "f.ask: option 'no' leads nowhere; give it `then` or `detour`."),
    ((ask(replace(OK, id="o" * 60)), END), "is over 64 bytes; shorten the names."),
    ((replace(WHEN, name="when" * 12), END), ":d2026-11-22' is over 64 bytes; shorten the names."),
    ((replace(WHEN, name="w" * 40, then={"": "r" * 12}), Review("r" * 12, "?", (("w" * 40, "When"),), (OK,)), END),
     f"fix_{'w' * 40}' is over 64 bytes; shorten the names."),
    ((ask(OK), ask(OK, name="island"), END), "f: nothing leads to ['island']."),
    ((ask(OK, Option("in", "In", then="pit")), Choose("pit", "?", (Option("on", "On", then="pit"),)), END),
     "f: no end can be reached from ['pit']."),
    ((ask(Option("help", "Help", detour="trouble")),), "f: no end can be reached from ['ask']."),
    ((find(ready="end"), END), "f.do: `then` takes found and none of FindCertificate, not ['ready']."),
    ((find(found="end"), END), "f.do: `then` takes found and none of FindCertificate, not ['found']."),
    ((ask(OK, name="a:b"), END), "f.a:b: a name takes a-z, 0-9 and _, so that a button can carry it."),
    ((ask(replace(OK, id="a:b")), END), "f.ask.a:b: a name takes a-z, 0-9 and _, so that a button can carry it."),
    ((Switch("one", "deadline", {"before": "two", "after": "end"}), Switch("two", "deadline", {"before": "one"}), END),
     "f: nobody is asked between ['one', 'two']; put a question or a command between them."),
])  # fmt: skip
def test_a_wrong_table_is_refused(states: tuple[State, ...], sentence: str) -> None:
    with pytest.raises(FlowError) as refused:
        Flow("f", 1, states)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("name", ["", "a:b", "Aduan", "a b"])
def test_the_name_of_a_flow_fits_a_button(name: str) -> None:
    with pytest.raises(FlowError, match="a name takes a-z, 0-9 and _"):
        Flow(name, 1, (ask(OK), END))


# ----------------------------------------------------------------------------------- flows, facts and typed answers


@pytest.mark.parametrize(("states", "sentence"), [
    ((Choose("ask", "It is {wether}.", (OK,)), END), "f.ask: no fact is called 'wether'; see conversations/facts.py."),
    ((ask(OK), End("end", "Bye, {name}.")), "f.end: no fact is called 'name'; see conversations/facts.py."),
    ((Choose("ask", "?", (OK,), links=(Link("Open", "adress"),)), END), "f.ask: no fact is called 'adress'"),
    ((Choose("ask", "?", (OK,), remind=Remind("noon", 1, "?")), END), "f.ask: no fact is called 'noon'"),
    ((Choose("ask", "?", (OK,), remind=Remind("due", 1, "{wether}")), END), "f.ask: no fact is called 'wether'"),
    ((Switch("switch", "moon", {"full": "end"}), END), "f.switch: no fact is called 'moon'"),
    ((ask(OK, Option("help", "Help", detour="helpp")), END), "f.ask: no flow is called 'helpp'."),
    ((ask(OK), End("end", begin="renewl")), "f.end: no flow is called 'renewl'."),
    ((replace(WHEN, then={"early": "end"}), END), "f.when: `then` must name exactly ['']."),
    ((Ask("when", "?", ExpiryDate(), then={"expired": "end", "later": "end"}), END),
     "f.when: `then` must name exactly ['expired', 'later', 'window']."),
    ((ask(Option("on", "On", then="ask"), name="first"), ask(*many(6)), END),
     "f.ask: 6 buttons leave no room for the way back (6 in all)."),
    ((ask(Option("on", "On", then="when"), name="first"), replace(WHEN, picker=DatePicker(), options=many(5)), END),
     "f.when: 6 buttons leave no room for the way back (6 in all)."),
    ((replace(WHEN, then={"": "review"}), Review("review", "?", (("when", "When"),), many(5)), END),
     "f.review: 6 buttons leave no room for the way back (6 in all)."),
])  # fmt: skip
def test_what_does_not_fit_together_is_refused(states: tuple[State, ...], sentence: str) -> None:
    flow = Flow("f", 1, states)
    with pytest.raises(FlowError) as refused:
        check({**GUIDE.flows, "f": flow}, GUIDE.book)
    assert sentence in str(refused.value)


def test_a_first_question_needs_no_way_back_unless_other_flows_enter_it() -> None:
    full = Flow("full", 1, (ask(*many(6)), END))
    check({"full": full}, GUIDE.book)
    entering = Flow("entering", 1, (ask(OK, Option("in", "In", detour="full")), END))
    with pytest.raises(FlowError, match=r"full\.ask: 6 buttons leave no room for the way back"):
        check({"full": full, "entering": entering}, GUIDE.book)


def test_a_text_of_its_own_values_needs_no_fact() -> None:
    own = Choose("ask", "{weather}?", (OK,), values={"weather": Words("Cerah", "Sunny")})
    check({"f": Flow("f", 1, (own, END))}, GUIDE.book)


def test_every_label_is_listed_with_its_place() -> None:
    flow = Flow("f", 1, (ask(OK, links=(Link("Open", "ams_url"),)), END))
    assert list(texts({"f": flow})) == [("f.ask.ok", "OK"), ("f.ask", "Open")]


def test_a_diagram_shows_every_edge_detour_reminder_and_end() -> None:
    help_me = Option("help", "Help", detour="trouble")
    first = Choose("ask", "?", (replace(OK, then="when"), help_me), remind=Remind("due", 2, "?"))
    page = drawn(Flow("f", 1, (first, WHEN, End("end", begin="renewal"))))
    assert [line.strip() for line in page.splitlines() if "-->" in line] == [
        "[*] --> ask",
        "ask --> when: ok",
        "ask --> ask: help (via trouble)",
        "ask --> ask: asked again at due",
        "when --> end: answered",
        "end --> [*]: begins renewal",
    ]


# ------------------------------------------------------------------------------------------- what a button carries

names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", max_size=20)


@given(st.builds(Data, names, names, st.integers(0, 36**8 - 1), names))
def test_what_a_button_carries_is_read_back(data: Data) -> None:
    assert decode(encode(data)) == data


@given(st.text(max_size=64) | st.from_regex(r"[a-z]*:[a-z]*:[0-9a-zA-Z+-]*:[a-z]*", fullmatch=True))
def test_anything_else_is_read_as_nothing_or_as_what_it_is(text: str) -> None:
    data = decode(text)
    assert data is None or (data.turn >= 0 and len(text.split(":")) == 4)


@pytest.mark.parametrize("text", ["", "a:b:c", "a:b:1:c:d", "a:b::c", "a:b:-1:c", "a:b:1_0:c", "a:b:١:c", "a:b:A:c"])
def test_what_no_question_wrote_is_refused(text: str) -> None:
    assert decode(text) is None
