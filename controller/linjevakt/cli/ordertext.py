"""How work orders are shown: a list, and one order as a checklist with what is lacking and whom to call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import typer
from pydantic import TypeAdapter

from linjevakt.cli.clock import local
from linjevakt.cli.edge import show_table, table
from linjevakt.cli.language import Tongue
from linjevakt.inventory import FieldChange
from linjevakt.model.inventory import Site
from linjevakt.model.order import Evidence, Order
from linjevakt.model.phrase import Phrase

if TYPE_CHECKING:
    from linjevakt.workorders.machine import StepView
    from linjevakt.workorders.step import Answer

_SHOWN = 60  # characters of a value


@dataclass(frozen=True)
class Sheet:
    """One order with everything that is to be known of it: `places` are where the router is, and where it is to be."""

    order: Order
    title: Phrase
    steps: "Sequence[StepView]"
    places: Sequence[Site] = ()
    contacts: Sequence[str] = ()
    notes: Sequence[Phrase] = ()
    changes: Sequence[FieldChange] = ()


# --- the list ---


def plain_row(order: Order, step: "StepView | None") -> dict[str, Any]:
    """An order and the step that it is at."""
    return {
        "number": order.number,
        "kind": order.kind,
        "about": about(order),
        "state": order.state.value,
        "next": step.key if step else None,
        "by": step.by.value if step else None,
        "due": step.due.isoformat() if step and step.due else None,
        "not_before": step.not_before.isoformat() if step and step.not_before else None,
        "lacking": [phrase.model_dump() for phrase in step.lacking] if step else [],
        "trouble": order.trouble.message if order.trouble else None,
    }


def show_rows(orders: Iterable[Order], steps: "Mapping[int, StepView]", today: date) -> None:
    """A line for each order."""
    shown = table("Order", "Kind", "About", "Next", "By", "Due", "Waits for")
    for order in orders:
        step = steps.get(order.number)
        following, by = (step.key, step.by.value) if step else (f"({order.state})", "-")
        shown.add_row(
            str(order.number), order.kind, about(order), following, by, _due(step, today), _waits(order, step)
        )
    show_table(shown)


def about(order: Order) -> str:
    """The site, else the organisation."""
    return order.site or order.organisation or "-"


def _due(step: "StepView | None", today: date) -> str:
    if step is None or step.due is None:
        return "-"
    return f"{step.due}{' LATE' if step.due < today else ''}"


def _waits(order: Order, step: "StepView | None") -> str:
    if order.trouble:
        return f"trouble: {order.trouble.message}"
    if step and step.lacking:
        return " ".join(map(str, step.lacking))
    return f"{local(step.not_before)}" if step and step.not_before else "-"


# --- one order ---


def plain(sheet: Sheet) -> dict[str, Any]:
    """Everything as JSON."""
    from linjevakt.workorders.machine import StepView  # noqa: PLC0415 - loads the store

    steps = TypeAdapter(tuple[StepView, ...]).dump_python(tuple(sheet.steps), mode="json")
    return sheet.order.model_dump(mode="json", exclude_none=True) | {
        "title": sheet.title.model_dump(),
        "steps": steps,
        "places": [place.model_dump(mode="json") for place in sheet.places],
        "contacts": list(sheet.contacts),
        "notes": [note.model_dump() for note in sheet.notes],
        "changes": [{"field": one.path, "today": one.before, "planned": one.after} for one in sheet.changes],
    }


def show(sheet: Sheet, lang: Tongue) -> None:
    """Everything as text."""
    _show_head(sheet, lang)
    typer.echo()
    _show_checklist(sheet, lang)
    for note in sheet.notes:
        typer.echo(f"\nNote: {note.said(lang)}")
    show_trouble(sheet.order)
    if sheet.changes:
        typer.echo()
        _show_changes(sheet.changes)


def show_next(order: Order, step: "StepView | None", lang: Tongue = Tongue.EN) -> None:
    """Where an order has come to."""
    if step is None:
        typer.echo(f"Order {order.number} is {order.state}.")
        return
    typer.echo(f"Order {order.number}: next is {step.key}, {step.title.said(lang)} ({step.by}).")
    _show_what_is_next(order, step, lang)


def show_claims(order: Order) -> None:
    """The addresses that are set aside for the order."""
    for claim in order.claims:
        typer.echo(f"  set aside  {claim.network} for {claim.name}")


def show_trouble(order: Order) -> None:
    """What the system met, and whom to call about it."""
    if order.trouble is None:
        return
    typer.echo(f"\nTrouble since {local(order.trouble.at)}: {order.trouble.message}")
    for leg in order.trouble.legs:
        typer.echo(f"  {leg.name}: {leg.detail}. Call {leg.call}")
    typer.echo(f"  To try again: linjevakt order run {order.number}")


def show_progress(sheet: Sheet, done: int, began: float) -> None:
    """The steps that were done after the first `done`, with the seconds since POSIX time `began`; and what is next."""
    titles = {step.key: step.title for step in sheet.steps}
    for evidence in sheet.order.evidence[done:]:
        title = f", {titles[evidence.step]}" if evidence.step in titles else ""
        typer.echo(f"done {evidence.step}{title} (after {max(0.0, evidence.at.timestamp() - began):.1f} s)")
    show_next(sheet.order, next((step for step in sheet.steps if step.state == "next"), None))
    show_trouble(sheet.order)


def _show_head(sheet: Sheet, lang: Tongue) -> None:
    order = sheet.order
    typer.echo(f"Order {order.number}: {sheet.title.said(lang)}, {about(order)} ({order.state})")
    why = f": {order.reason}" if order.reason else ""
    typer.echo(f"  ordered    {local(order.created)} by {order.by}{why}")
    for place in dict.fromkeys(map(_place, sheet.places)):
        typer.echo(f"  at         {place}")
    for contact in sheet.contacts:
        typer.echo(f"  contact    {contact}")
    show_claims(order)


def _place(site: Site) -> str:
    return f"{site.name}, {site.street}, {site.postcode} {site.city}; floor {site.floor}, room {site.room}"


def _show_checklist(sheet: Sheet, lang: Tongue) -> None:
    """What was done, in the order of time; then what is next, and what comes later if nothing ends the order."""
    titles = {step.key: step.title.said(lang) for step in sheet.steps}
    parties = {step.key: step.by.value for step in sheet.steps}
    for evidence in sheet.order.evidence:
        by = parties.get(evidence.step, "")
        typer.echo(_line("done", evidence.step, by, titles.get(evidence.step, "")))
        typer.echo(f"{'':8}{_said(evidence)}")
    for step in sheet.steps:
        if step.evidence is None and sheet.order.is_open:
            due = f", due {step.due}" if step.due else ""
            typer.echo(_line(step.state, step.key, step.by.value, f"{step.title.said(lang)}{due}"))
            if step.state == "next":
                _show_what_is_next(sheet.order, step, lang)


def _line(state: str, key: str, by: str, title: str) -> str:
    return f"{state:<6}  {key:<13} {by:<11} {title}".rstrip()


def _said(evidence: Evidence) -> str:
    values = ", ".join(f"{name}={' '.join(value.split())[:_SHOWN]}" for name, value in evidence.values.items())
    said = "; ".join(filter(None, (values, evidence.note)))
    return f"{local(evidence.at)} {evidence.who}{f': {said}' if said else ''}"


def _show_what_is_next(order: Order, step: "StepView", lang: Tongue) -> None:
    for answer in () if _is_staging(step) else step.answers:
        typer.echo(f"{'':8}asks     {answer.name}: {answer.title.said(lang)}{'' if answer.required else ' (if any)'}")
    for phrase in step.lacking:
        typer.echo(f"{'':8}lacking  {phrase.said(lang)}")
    if step.not_before:
        typer.echo(f"{'':8}waits    until {local(step.not_before)}")
    elif not step.lacking:
        typer.echo(f"{'':8}then     {_command(order, step)}")


def _is_staging(step: "StepView") -> bool:
    """Its answers are what the box says of itself."""
    return step.key == "stage"


def _command(order: Order, step: "StepView") -> str:
    """What to type once the step is done."""
    if _is_staging(step):
        return f"linjevakt order stage {order.number} --identity FILE"
    if step.automatic:
        return f"linjevakt order run {order.number}"
    answers = " ".join(_example(answer) for answer in step.answers if answer.required)
    return f"linjevakt order advance {order.number} {answers}".rstrip()


def _example(answer: "Answer") -> str:
    examples = {"yes": "yes", "day": "DATE", "number": "NUMBER", "choice": "|".join(answer.choices), "text": "TEXT"}
    return f"{answer.name}={examples[answer.kind]}"


def _show_changes(changes: Iterable[FieldChange]) -> None:
    shown = table("Field", "Today", "Planned")
    for change in changes:
        shown.add_row(change.path, change.before or "-", change.after or "-")
    show_table(shown)
