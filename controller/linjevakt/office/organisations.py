"""What changes in an organisation outside of orders: it is added, corrected, accepts agreements; what that opens."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from linjevakt.model.entity import Author, EntityKind
from linjevakt.model.errors import ConflictError
from linjevakt.model.gate import Gate, gates
from linjevakt.model.inventory import Agreement, AgreementName, Inventory, Organisation
from linjevakt.model.saying import Saying
from linjevakt.office import days
from linjevakt.workorders.desk import Desk


@dataclass(frozen=True)
class Effect:
    """What a change has led to: gates that are not as before, routers to be pushed, orders that can go on now."""

    organisation: Organisation
    gates: tuple[Gate, ...]
    routers: tuple[str, ...]
    orders: tuple[int, ...]


def gates_by_member(inventory: Inventory) -> Mapping[str, tuple[Gate, ...]]:
    """Every segment's gate, by organisation; none for one without a segment."""
    found: dict[str, tuple[Gate, ...]] = defaultdict(tuple)
    for one in gates(inventory):
        found[one.organisation] += (one,)
    return found


def add(desk: Desk, organisation: Organisation, author: Author) -> Effect:
    """Adds an organisation.

    Raises ConflictError when it is there already, InvalidInputError for a broken rule or an agreement of a day to come.
    """
    days.refuse_to_come(organisation, desk.today)

    def added(inventory: Inventory) -> Organisation:
        if organisation.number in inventory.members:
            raise ConflictError(
                Saying(
                    "The organisation {number} is there already. Use `linjevakt org set`.", number=organisation.number
                )
            )
        return organisation

    return _saved(desk, added, author)


def put(desk: Desk, number: str, details: Mapping[str, Any], author: Author) -> tuple[Organisation, bool]:
    """Makes this what is known of it, or takes it in as new (True); agreements, freezes and exclusions stay.

    Raises InvalidInputError for a broken rule.
    """
    with desk.fleet.store.register.edit(author) as draft:
        found = draft.find(EntityKind.ORGANISATION, number)
        kept = found.model_dump(include={"membership", "exclusions"}) if found else {}
        made = Organisation.model_validate({"number": number, **kept, **details})
        draft.put(made)
    return made, found is None


def change(desk: Desk, number: str, changed: Callable[[Organisation], Organisation], author: Author) -> Effect:
    """Corrects an organisation. Raises NotFoundError, InvalidInputError for a broken rule."""
    return _saved(desk, lambda inventory: changed(inventory.member(number)), author)


def agree(
    desk: Desk,
    number: str,
    accepted: Mapping[AgreementName, Agreement],
    author: Author,
    *,
    corrects: bool = False,
) -> Effect:
    """Writes down that agreements were accepted. Raises NotFoundError, InvalidInputError for a day to come.

    `corrects`: what is recorded of them was wrong; otherwise ConflictError is raised where something else is recorded.
    """

    def agreed(organisation: Organisation) -> Organisation:
        if not corrects:
            _refuse_another(organisation, accepted)
        membership = organisation.membership.model_copy(update={name.value: one for name, one in accepted.items()})
        return organisation.model_copy(update={"membership": membership})

    for agreement in accepted.values():
        days.refuse_agreement(agreement, desk.today)
    return change(desk, number, agreed, author)


def _refuse_another(organisation: Organisation, accepted: Mapping[AgreementName, Agreement]) -> None:
    for name, agreement in accepted.items():
        recorded: Agreement | None = getattr(organisation.membership, name.value)
        if recorded not in {None, agreement}:
            raise ConflictError(
                Saying(
                    "{organisation} accepted {name} on {day} already, by {by} ({capacity}). "
                    "If that is wrong, say why, with --reason: what was recorded stays in the history.",
                    organisation=organisation.name,
                    name=name,
                    day=recorded.accepted,
                    by=recorded.by,
                    capacity=recorded.capacity,
                )
            )


def _saved(desk: Desk, changed: Callable[[Inventory], Organisation], author: Author) -> Effect:
    ready = set(desk.ready())
    with desk.fleet.store.register.edit(author) as draft:
        before = draft.inventory
        organisation = changed(before)
        draft.put(organisation)
    after = draft.inventory
    was = set(gates(_around(before, organisation)))
    now = [gate for gate in gates(_around(after, organisation)) if gate not in was]
    routers = _routers(after, _turned(was, now), desk.fleet.boxes.read_serials())
    return Effect(organisation, tuple(now), routers, tuple(n for n in desk.ready() if n not in ready))


def _around(inventory: Inventory, organisation: Organisation) -> Inventory:
    """With the sites alone whose gates hang on that organisation."""
    number = organisation.number
    sites = (site for site in inventory.sites if number in {site.owner, *(one.organisation for one in site.segments)})
    return inventory.model_copy(update={"sites": tuple(sites)})


def _turned(before: Collection[Gate], after: Collection[Gate]) -> frozenset[str]:
    """The sites with a gate that was opened or closed."""
    was = {(gate.site, gate.segment): gate.open for gate in before}
    return frozenset(gate.site for gate in after if was.get((gate.site, gate.segment)) != gate.open)


def _routers(inventory: Inventory, sites: Collection[str], staged: Collection[str]) -> tuple[str, ...]:
    found = (inventory.site(key).router.name for key in sorted(sites))
    return tuple(router for router in found if router in staged)
