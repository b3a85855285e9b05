"""Take up a session that an older version of the guide left: every kept answer that still fits is kept."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.facts import Facts
from conversations.flow import Accepted, Ask, Choose, Do, Flow, Review, Switch
from conversations.screen import option_of
from conversations.session import Answer, Frame, Session


def restored(session: Session, flows: Mapping[str, Flow], facts: Facts) -> tuple[Session, bool]:
    """The session as the present tables can continue it, and whether that changed anything."""
    stack: list[Frame] = []
    for frame in session.stack:
        flow = flows.get(frame.flow)
        if flow is None:
            break
        stack.append(frame if _fits(frame, flow) else _walked(frame, flow, facts))
    kept = tuple(stack)
    return (session, False) if kept == session.stack else (session.with_stack(kept), True)


def _fits(frame: Frame, flow: Flow) -> bool:
    if frame.fixing and not isinstance(flow.by_name.get(frame.fixing), Review):
        return False
    return frame.version == flow.version and frame.state in flow.by_name


def _walked(frame: Frame, flow: Flow, facts: Facts) -> Frame:
    """Walk the flow from its start along the answers that were given, up to the first question without one."""
    answers, name = frame.answers, flow.start
    trail: list[Answer] = []
    for _ in flow.states:
        if name == frame.state:
            break
        state = flow.by_name[name]
        if isinstance(state, Choose | Ask | Review) and name in answers:
            target = _route(state, answers[name], facts)
            if not target or any(answer.state == name for answer in trail):
                break
            trail.append(Answer(name, answers[name]))
            name = target
        elif isinstance(state, Switch):
            name = state.cases.get(str(facts.within(flow, trail)[state.fact]), name)
        elif isinstance(state, Do):
            known = state.then.get("done") or state.then.get("found" if name in answers else "none")
            if known is None:  # nobody can tell how it was answered: the question before it is asked again
                return _asked_again(flow, name, trail)
            if name in answers and all(answer.state != name for answer in trail):
                trail.append(Answer(name, answers[name]))
            name = known
        else:
            break
    return Frame(flow.name, flow.version, name, tuple(trail))


def _asked_again(flow: Flow, name: str, trail: list[Answer]) -> Frame:
    """At the last question that was answered, with its answer taken back; at `name` if there was none."""
    asked = [place for place, answer in enumerate(trail) if not isinstance(flow.by_name[answer.state], Do)]
    if not asked:
        return Frame(flow.name, flow.version, name)
    return Frame(flow.name, flow.version, trail[asked[-1]].state, tuple(trail[: asked[-1]]))


def _route(question: Choose | Ask | Review, value: str, facts: Facts) -> str:
    option = option_of(question, value)
    if option is not None and option.then:
        return option.then
    if isinstance(question, Ask) and question.files:
        return question.then.get("", "")  # a draft that was taken is not read anew
    if isinstance(question, Ask):
        read = question.accept.read(value, facts.at, facts)
        return question.then.get(read.branch, "") if isinstance(read, Accepted) else ""
    return ""
