"""How work orders are shown: a list, and one order as a checklist with what is lacking and whom to call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from linjevakt.cli.clock import local
from linjevakt.cli.language import Tongue
from linjevakt.cli.terminal import Rows, echo
from linjevakt.cli.words import word
from linjevakt.inventory import FieldChange
from linjevakt.model.inventory import Site
from linjevakt.model.order import PARTIES, Evidence, Order, OrderState
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
        "trouble": order.trouble.message.model_dump() if order.trouble else None,
    }


def show_rows(orders: Iterable[Order], steps: "Mapping[int, StepView]", today: date, lang: Tongue) -> None:
    """A line for each order."""
    heads = ("Order", "Kind", "About", "Next", "By", "Due", "Waits for")
    shown = Rows(*(word(head, lang) for head in heads))
    for order in orders:
        step = steps.get(order.number)
        following, by = (step.key, PARTIES[step.by].said(lang)) if step else (f"({word(order.state, lang)})", "-")
        due, waits = _due(step, today, lang), _waits(order, step, lang)
        shown.add_row(str(order.number), order.kind, about(order), following, by, due, waits)
    shown.show()


def about(order: Order) -> str:
    """The site, else the organisation."""
    return order.site or order.organisation or "-"


def _due(step: "StepView | None", today: date, lang: Tongue) -> str:
    if step is None or step.due is None:
        return "-"
    late = f" {word('LATE', lang)}" if step.due < today else ""
    return f"{step.due}{late}"


def _waits(order: Order, step: "StepView | None", lang: Tongue) -> str:
    if order.trouble:
        return f"{word('trouble', lang)}: {order.trouble.message.said(lang)}"
    if step and step.lacking:
        return " ".join(phrase.said(lang) for phrase in step.lacking)
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
    echo()
    _show_checklist(sheet, lang)
    _show_notes(sheet, lang)
    show_trouble(sheet.order, lang)
    if sheet.changes:
        echo()
        _show_changes(sheet.changes, lang)


def show_next(order: Order, step: "StepView | None", lang: Tongue) -> None:
    """Where an order has come to."""
    which = f"{word('Order', lang)} {order.number}"
    if step is None:
        echo(f"{which} {word('is', lang)} {word(order.state, lang)}.")
        return
    echo(f"{which}: {word('next is', lang)} {step.key}, {step.title.said(lang)} ({PARTIES[step.by].said(lang)}).")
    _show_what_is_next(order, step, lang)


def show_taken(order: Order, title: Phrase, lang: Tongue, *, only_checked: bool) -> None:
    """That an order is taken, or can be, with the addresses set aside for it."""
    verb = word("can be taken" if only_checked else "taken", lang)
    echo(f"{word('Order', lang)} {order.number} {verb}: {title.said(lang)}, {about(order)}")
    _show_claims(order, lang)


def _show_claims(order: Order, lang: Tongue) -> None:
    for claim in order.claims:
        echo(_labelled("set aside", f"{claim.network} {word('for', lang)} {claim.name}", lang))


def show_trouble(order: Order, lang: Tongue) -> None:
    """What the system met, and whom to call about it."""
    if order.trouble is None:
        return
    echo(f"\n{word('Trouble since', lang)} {local(order.trouble.at)}: {order.trouble.message.said(lang)}")
    for leg in order.trouble.legs:
        echo(f"  {leg.name}: {leg.detail.said(lang)}. {word('Call', lang)} {leg.call}")
    if order.trouble.certain:
        echo(f"  {word('It is not tried again by itself before something is changed.', lang)}")
    echo(f"  {word('To try again', lang)}: linjevakt order run {order.number}")
    if order.state is OrderState.UNDOING:
        leave = f"linjevakt order cancel {order.number} --leave --reason WHY"
        echo(f"  {word('To let the router be as it is', lang)}: {leave}")


def show_progress(sheet: Sheet, done: int, began: float, lang: Tongue) -> None:
    """The steps that were done after the first `done`, with the seconds since POSIX time `began`; and what is next."""
    titles = {step.key: step.title for step in sheet.steps}
    for evidence in sheet.order.evidence[done:]:
        title = f", {titles[evidence.step].said(lang)}" if evidence.step in titles else ""
        seconds = max(0.0, evidence.at.timestamp() - began)
        echo(f"{word('done', lang)} {evidence.step}{title} ({word('after', lang)} {seconds:.1f} s)")
    show_next(sheet.order, next((step for step in sheet.steps if step.state == "next"), None), lang)
    show_trouble(sheet.order, lang)
    if _is_cancelled(sheet.order):
        _show_notes(sheet, lang)


def _is_cancelled(order: Order) -> bool:
    return order.state in {OrderState.UNDOING, OrderState.CANCELLED}


def _show_notes(sheet: Sheet, lang: Tongue) -> None:
    """Of an order that was cancelled, a list to tick off."""
    if _is_cancelled(sheet.order) and sheet.notes:
        echo(f"\n{word('To bring back', lang)}:")
        for note in sheet.notes:
            echo(f"  [ ] {note.said(lang)}")
        return
    for note in sheet.notes:
        echo(f"\n{word('Note', lang)}: {note.said(lang)}")


def _show_head(sheet: Sheet, lang: Tongue) -> None:
    order = sheet.order
    state = word(order.state, lang)
    echo(f"{word('Order', lang)} {order.number}: {sheet.title.said(lang)}, {about(order)} ({state})")
    why = f": {order.reason}" if order.reason else ""
    echo(_labelled("ordered", f"{local(order.created)} {word('by', lang)} {order.by}{why}", lang))
    for place in dict.fromkeys(_place(site, lang) for site in sheet.places):
        echo(_labelled("at", place, lang))
    for contact in sheet.contacts:
        echo(_labelled("contact", contact, lang))
    _show_claims(order, lang)


def _labelled(label: str, text: str, lang: Tongue) -> str:
    return f"  {word(label, lang):<9}  {text}"


def _place(site: Site, lang: Tongue) -> str:
    inside = f"{word('floor', lang)} {site.floor}, {word('room', lang)} {site.room}"
    return f"{site.name}, {site.street}, {site.postcode} {site.city}; {inside}"


def _show_checklist(sheet: Sheet, lang: Tongue) -> None:
    """What was done, in the order of time; then what is next, and what comes later if nothing ends the order."""
    titles = {step.key: step.title.said(lang) for step in sheet.steps}
    parties = {step.key: PARTIES[step.by].said(lang) for step in sheet.steps}
    for evidence in sheet.order.evidence:
        by = parties.get(evidence.step, "")
        echo(_line(word("done", lang), evidence.step, by, titles.get(evidence.step, "")))
        echo(f"{'':8}{_said(evidence)}")
    for step in sheet.steps:
        if step.evidence is None and sheet.order.is_open:
            due = f", {word('due', lang)} {step.due}" if step.due else ""
            title = f"{step.title.said(lang)}{due}"
            echo(_line(word(step.state, lang), step.key, PARTIES[step.by].said(lang), title))
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
        ending = "" if answer.required else f" ({word('if any', lang)})"
        echo(_detail("asks", f"{answer.name}: {answer.title.said(lang)}{ending}", lang))
    for phrase in step.lacking:
        echo(_detail("lacking", phrase.said(lang), lang))
    if step.not_before:
        echo(_detail("waits", f"{word('until', lang)} {local(step.not_before)}", lang))
    elif not step.lacking:
        echo(_detail("then", _command(order, step, lang), lang))


def _detail(label: str, text: str, lang: Tongue) -> str:
    return f"{'':8}{word(label, lang):<8} {text}"


def _is_staging(step: "StepView") -> bool:
    """Its answers are what the box says of itself."""
    return step.key == "stage"


def _command(order: Order, step: "StepView", lang: Tongue) -> str:
    """What to type once the step is done."""
    if _is_staging(step):
        return f"linjevakt order stage {order.number} --identity FILE"
    if step.automatic:
        return f"linjevakt order run {order.number}"
    answers = " ".join(_example(answer, lang) for answer in step.answers if answer.required)
    return f"linjevakt order advance {order.number} --step {step.key} {answers}".rstrip()


def _example(answer: "Answer", lang: Tongue) -> str:
    """What may be typed: `yes` as it stands, a choice of words, or what kind of value it is."""
    kinds = {"yes": "yes", "day": "DATE", "number": "NUMBER", "text": "TEXT"}
    value = "|".join(answer.choices) if answer.kind == "choice" else word(kinds[answer.kind], lang)
    return f"{answer.name}={value}"


def _show_changes(changes: Iterable[FieldChange], lang: Tongue) -> None:
    shown = Rows(*(word(head, lang) for head in ("Field", "Today", "Planned")))
    for change in changes:
        shown.add_row(change.path, change.before or "-", change.after or "-")
    shown.show()
