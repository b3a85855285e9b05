"""Pages made from the tables themselves: flows and the life of a complaint as Mermaid diagrams, and rights."""

from __future__ import annotations

from conversations.cards import COMMANDS
from conversations.complaint import ENDED, LIFE, SIDES, Act, Status
from conversations.flow import Ask, Choose, Do, End, Flow, Review, Switch, targets
from conversations.people import Role, Standing


def drawn(flow: Flow) -> str:
    """A Markdown page with the diagram and with who may go there. A detour comes back to the question it left."""
    lines = [f"# {flow.name}", "", "Made by `make diagrams` from the table; do not edit.", ""]
    if flow.roles:
        lines += [f"Open to: {', '.join(role for role in Role if role in flow.roles)}.", ""]
    lines += ["```mermaid", "stateDiagram-v2"]
    lines.append(f"    [*] --> {flow.start}")
    for state in flow.states:
        for taken_on, target in targets(state):
            lines.append(f"    {state.name} --> {target}: {taken_on or 'answered'}")
        match state:
            case Choose() | Ask() | Review():
                lines.extend(
                    f"    {state.name} --> {state.name}: {option.id} (via {option.detour})"
                    for option in state.options
                    if option.detour
                )
                if state.remind is not None:
                    lines.append(f"    {state.name} --> {state.name}: asked again at {state.remind.at}")
            case End():
                lines.append(f"    {state.name} --> [*]{': begins ' + state.begin if state.begin else ''}")
            case Do() | Switch():
                pass
    lines += ["```", ""]
    return "\n".join(lines)


def rights() -> str:
    """A Markdown page with who may use which command."""
    lines = ["# Who may do what", "", "Made by `make diagrams` from the table of commands; do not edit.", ""]
    lines.append(f"| command | everybody | {' | '.join(Role)} |")
    lines.append(f"|---|---{'|---' * len(Role)}|")
    for name, command in COMMANDS.items():
        allowed = [
            "" if command.roles else "yes",
            *("yes" if Standing(frozenset({role})).may(command.roles) else "" for role in Role),
        ]
        lines.append(f"| `/{name}` | {' | '.join(allowed)} |")
    return "\n".join([*lines, ""])


def life() -> str:
    """A Markdown page with the life of a complaint, and with who may do what."""
    lines = ["# The life of a complaint", "", "Made by `make diagrams` from the table; do not edit.", ""]
    lines += ["```mermaid", "stateDiagram-v2", f"    [*] --> {Status.NEW}"]
    lines.append(f"    [*] --> {Status.ESCALATED}: confidential")
    for status in Status:
        for target in Status:
            if acts := [act for act in Act if LIFE.get((status, act)) is target]:
                lines.append(f"    {status} --> {target}: {', '.join(acts)}")
        if status in ENDED:
            lines.append(f"    {status} --> [*]")
    lines += ["```", "", "| act | by |", "|---|---|"]
    lines += [f"| {act} | {', '.join(sorted(SIDES[act]))} |" for act in Act]
    lines += ["", "Officers act at the level of the officers, the complaints official on what has been escalated."]
    lines += ["What is handed back while it is escalated is taken only if an officer had it, else it is new.", ""]
    return "\n".join(lines)
