"""How work orders are shown: a list, and one order as a checklist with what is lacking and whom to call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from linjevakt.cli.clock import local
from linjevakt.cli.terminal import Rows, echo, here
from linjevakt.cli.words import word
from linjevakt.inventory import FieldChange
from linjevakt.model.inventory import Place
from linjevakt.model.order import PARTIES, Evidence, Order, OrderState
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying, together

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
    places: Sequence[Place] = ()
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
        "trouble": order.trouble.message.model_dump() if order.trouble else None,
    }


def show_rows(orders: Iterable[Order], steps: "Mapping[int, StepView]", today: date) -> None:
    """A line for each order."""
    heads = (Saying("Kind"), Saying("About"), Saying("Next"), Saying("By"), Saying("Due"), Saying("Waits for"))
    shown = Rows(Saying("Order"), *heads)
    for order in orders:
        step = steps.get(order.number)
        following, by = (step.key, PARTIES[step.by]) if step else (Saying("({})", word(order.state)), "-")
        shown.add_row(order.number, order.kind, about(order), following, by, _due(step, today), _waits(order, step))
    shown.show()


def about(order: Order) -> str:
    """The site, else the organisation."""
    return order.site or order.organisation or "-"


def _due(step: "StepView | None", today: date) -> str:
    if step is None or step.due is None:
        return "-"
    return Saying("{} LATE", step.due) if step.due < today else str(step.due)


def _waits(order: Order, step: "StepView | None") -> str:
    if order.trouble:
        return Saying("trouble: {}", order.trouble.message)
    if step and step.lacking:
        return together(" ", step.lacking)
    return local(step.not_before) if step and step.not_before else "-"


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


def show(sheet: Sheet) -> None:
    """Everything as text."""
    _show_head(sheet)
    echo()
    _show_checklist(sheet)
    _show_notes(sheet)
    show_trouble(sheet.order)
    if sheet.changes:
        echo()
        _show_changes(sheet.changes)


def show_next(order: Order, step: "StepView | None") -> None:
    """Where an order has come to."""
    if step is None:
        echo(Saying("Order {} is {}.", order.number, word(order.state)))
        return
    echo(Saying("Order {}: next is {}, {} ({}).", order.number, step.key, step.title, PARTIES[step.by]))
    _show_what_is_next(order, step)


def show_taken(order: Order, title: Phrase, *, only_checked: bool) -> None:
    """That an order is taken, or can be, with the addresses set aside for it."""
    verb = Saying("can be taken") if only_checked else Saying("taken")
    echo(Saying("Order {} {}: {}, {}", order.number, verb, title, about(order)))
    _show_claims(order)


def _show_claims(order: Order) -> None:
    for claim in order.claims:
        echo(_labelled(Saying("set aside"), Saying("{} for {}", claim.network, claim.name)))


def show_trouble(order: Order) -> None:
    """What the system met, and whom to call about it."""
    if order.trouble is None:
        return
    echo(Saying("\nTrouble since {}: {}", local(order.trouble.at), order.trouble.message))
    for leg in order.trouble.legs:
        echo(Saying("  {}: {}. Call {}", leg.name, leg.detail, leg.call))
    if order.trouble.certain:
        echo(Saying("  It is not tried again by itself before something is changed."))
    echo(Saying("  To try again: linjevakt order run {}", order.number))
    if order.state is OrderState.UNDOING:
        leave = f"linjevakt order cancel {order.number} --leave --reason"
        echo(Saying("  To let the router be as it is: {} WHY", leave))


def show_progress(sheet: Sheet, done: int, began: float) -> None:
    """The steps that were done after the first `done`, with the seconds since POSIX time `began`; and what is next."""
    titles = {step.key: step.title for step in sheet.steps}
    for evidence in sheet.order.evidence[done:]:
        key = evidence.step
        step = Saying("{}, {}", key, titles[key]) if key in titles else key
        echo(Saying("done {} (after {:.1f} s)", step, max(0.0, evidence.at.timestamp() - began)))
        if router := evidence.values.get("never_staged"):
            echo(Saying("  nothing was sent or tried: {} was never staged", router))
    show_next(sheet.order, next((step for step in sheet.steps if step.state == "next"), None))
    show_trouble(sheet.order)
    if _is_cancelled(sheet.order):
        _show_notes(sheet)


def _is_cancelled(order: Order) -> bool:
    return order.state in {OrderState.UNDOING, OrderState.CANCELLED}


def _show_notes(sheet: Sheet) -> None:
    """Of an order that was cancelled, a list to tick off."""
    if _is_cancelled(sheet.order) and sheet.notes:
        echo(Saying("\nTo bring back:"))
        for note in sheet.notes:
            echo(Saying("  [ ] {}", note))
        return
    for note in sheet.notes:
        echo(Saying("\nNote: {}", note))


def _show_head(sheet: Sheet) -> None:
    order = sheet.order
    echo(Saying("Order {}: {}, {} ({})", order.number, sheet.title, about(order), word(order.state)))
    why = f": {order.reason}" if order.reason else ""
    echo(_labelled(Saying("ordered"), Saying("{} by {}{}", local(order.created), order.by, why)))
    for place in dict.fromkeys(map(_place, sheet.places)):
        echo(_labelled(Saying("at"), place))
    for contact in sheet.contacts:
        echo(_labelled(Saying("contact"), contact))
    _show_claims(order)


def _labelled(label: str, text: str) -> Saying:
    return Saying("  {:<9}  {}", label, text)


def _place(site: Place) -> Saying:
    address = f"{site.name}, {site.street}, {site.postcode} {site.city}"
    return Saying("{}; floor {}, room {}", address, site.floor, site.room)


def _show_checklist(sheet: Sheet) -> None:
    """What was done, in the order of time; then what is next, and what comes later if nothing ends the order."""
    known = {step.key: step for step in sheet.steps}
    for evidence in sheet.order.evidence:
        step = known.get(evidence.step)
        by, title = (PARTIES[step.by], step.title) if step else ("", "")
        _show_step(Saying("done"), evidence.step, by, title)
        echo(f"{'':8}{_said(evidence)}")
    for step in sheet.steps:
        if step.evidence is None and sheet.order.is_open:
            title = Saying("{}, due {}", step.title, step.due) if step.due else step.title
            _show_step(word(step.state), step.key, PARTIES[step.by], title)
            if step.state == "next":
                _show_what_is_next(sheet.order, step)


def _show_step(state: str, key: str, by: Phrase | str, title: Phrase | str) -> None:
    echo(here(Saying("{:<6}  {:<13} {:<11} {}", state, key, Saying("{}", by), title)).rstrip())


def _said(evidence: Evidence) -> str:
    values = ", ".join(f"{name}={' '.join(value.split())[:_SHOWN]}" for name, value in evidence.values.items())
    said = "; ".join(filter(None, (values, evidence.note)))
    return f"{local(evidence.at)} {evidence.who}{f': {said}' if said else ''}"


def _show_what_is_next(order: Order, step: "StepView") -> None:
    for answer in () if _is_staging(step) else step.answers:
        asked = Saying("{}: {}", answer.name, answer.title)
        echo(_detail(Saying("asks"), asked if answer.required else Saying("{} (if any)", asked)))
    for phrase in step.lacking:
        echo(_detail(Saying("lacking"), phrase))
    if step.not_before:
        echo(_detail(Saying("waits"), Saying("until {}", local(step.not_before))))
    elif not step.lacking:
        echo(_detail(Saying("then"), _command(order, step)))


def _detail(label: str, text: Phrase | str) -> Saying:
    return Saying("        {:<8} {}", label, text)


def _is_staging(step: "StepView") -> bool:
    """Its answers are what the box says of itself."""
    return step.key == "stage"


def _command(order: Order, step: "StepView") -> str:
    """What to type once the step is done."""
    if _is_staging(step):
        return Saying("linjevakt order stage {} --identity FILE", order.number)
    if step.automatic:
        return f"linjevakt order run {order.number}"
    start = f"linjevakt order advance {order.number} --step {step.key}"
    return together(" ", [start, *(_example(answer) for answer in step.answers if answer.required)])


def _example(answer: "Answer") -> Saying:
    """What may be typed: `yes` as it stands, a choice of words, or what kind of value it is."""
    kinds = {"yes": Saying("yes"), "day": Saying("DATE"), "number": Saying("NUMBER"), "text": Saying("TEXT")}
    return Saying("{}={}", answer.name, "|".join(answer.choices) if answer.kind == "choice" else kinds[answer.kind])


def _show_changes(changes: Iterable[FieldChange]) -> None:
    shown = Rows(Saying("Field"), Saying("Today"), Saying("Planned"))
    for change in changes:
        shown.add_row(change.path, change.before or "-", change.after or "-")
    shown.show()
