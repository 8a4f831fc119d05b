"""The merge of three versions of a fleet: whoever alone has changed something is heard, in any order."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from linjevakt import inventory
from linjevakt.inventory import Entities, merge
from linjevakt.model.entity import Entity, EntityKind, Name, name_of
from linjevakt.model.inventory import Dhcp, Site, Static

FLEET = inventory.generate(3)
NOUNS: list[Entity] = [*FLEET.organisations, *FLEET.sites]
BASE: Entities = {name_of(one): one for one in NOUNS}
SITES = sorted(name for name in BASE if name[0] is EntityKind.SITE)
Edit = Callable[[Entity], Entity | None]


def _site(entity: Entity) -> Site:
    assert isinstance(entity, Site)
    return entity


def _with_room(entity: Entity) -> Entity:
    site = _site(entity)
    return site.model_copy(update={"place": site.place.model_copy(update={"room": "999"})})


def _with_line(entity: Entity, **update: object) -> Entity:
    site = _site(entity)
    return site.model_copy(update={"lines": (site.lines[0].model_copy(update=update), *site.lines[1:])})


EDITS: tuple[Edit, ...] = (
    _with_room,
    lambda entity: _with_line(entity, down_mbit=777),
    lambda entity: _with_line(entity, fault_phone="02000"),
    lambda entity: _site(entity).model_copy(update={"lines": _site(entity).lines[::-1]}),
    lambda entity: _site(entity).model_copy(update={"hub": "hub-x"}),
)
CHANGES = st.dictionaries(st.sampled_from(SITES), st.one_of(st.none(), st.integers(0, len(EDITS) - 1)))


def edited(changes: dict[Name, int | None]) -> Entities:
    """The fleet after changes of some sites; None: removed."""
    made: dict[Name, Entity | None] = dict(BASE)
    for name, n in changes.items():
        made[name] = None if n is None else EDITS[n](BASE[name])
    return {name: entity for name, entity in made.items() if entity}


def merged(theirs: Entities, mine: Entities, *, prefer_mine: bool = True) -> tuple[Entities, int]:
    found = merge(BASE, theirs, mine, prefer_mine=prefer_mine)
    return found.entities, len(found.clashes)


@settings(deadline=None)
@given(CHANGES)
def test_who_alone_changes_is_heard(changes: dict[Name, int | None]) -> None:
    changed = edited(changes)
    assert merged(changed, BASE) == (changed, 0)
    assert merged(BASE, changed) == (changed, 0)
    assert merged(changed, changed) == (changed, 0)


@settings(deadline=None)
@given(CHANGES, CHANGES)
def test_a_merge_is_the_same_from_both_sides(one: dict[Name, int | None], other: dict[Name, int | None]) -> None:
    ours, clashes = merged(edited(one), edited(other))
    theirs, same = merged(edited(other), edited(one), prefer_mine=False)
    assert (ours, clashes) == (theirs, same)


@settings(deadline=None)
@given(CHANGES, CHANGES)
def test_no_change_is_lost_without_a_clash(one: dict[Name, int | None], other: dict[Name, int | None]) -> None:
    found, clashes = merged(edited(one), edited(other))
    assert clashes == sum(
        (one[name] is None) != (other[name] is None) for name in one.keys() & other.keys()
    )  # a removal of what the other side has changed; all other edits are of different fields
    for name in one.keys() - other.keys():
        assert found.get(name) == edited(one).get(name)


@settings(deadline=None)
@given(CHANGES, CHANGES)
def test_a_folder_of_no_known_base_says_all_that_is_to_be_there(
    one: dict[Name, int | None], other: dict[Name, int | None]
) -> None:
    theirs, mine = edited(one), edited(other)
    assert merge(None, theirs, mine, prefer_mine=True).entities == mine


def test_of_two_addressings_no_third_is_made() -> None:
    name = SITES[0]
    base = {name: _with_line(BASE[name], addressing=Dhcp())}
    static = {"method": "static", "address": "198.51.100.2/30", "gateway": "198.51.100.1"}
    other = static | {"address": "203.0.113.66/28", "gateway": "203.0.113.65"}
    theirs, mine = (
        {name: Site.model_validate(_with_line(BASE[name], addressing=Static.model_validate(way)).model_dump())}
        for way in (static, other)
    )
    found = merge(base, theirs, mine, prefer_mine=False)
    assert found.entities == theirs
    (clash,) = found.clashes
    assert clash.field == "lines[wan0].addressing"
    assert (clash.base, clash.theirs, clash.mine) == ({"method": "dhcp"}, static, other)


def test_rows_that_both_sides_add_are_both_there() -> None:
    name = SITES[0]
    site = _site(BASE[name])
    sixth, seventh = (
        site.lines[0].model_copy(update={"name": one, "priority": n}) for n, one in ((6, "x6"), (7, "x7"))
    )
    theirs, mine = ({name: site.model_copy(update={"lines": (*site.lines, line)})} for line in (sixth, seventh))
    found = merge({name: site}, theirs, mine, prefer_mine=True)
    assert not found.clashes
    assert [line.name for line in _site(found.entities[name]).lines][-2:] == ["x6", "x7"]


def test_a_row_is_told_by_its_name_even_where_that_is_a_fields() -> None:
    name = SITES[0]
    site = _site(BASE[name])
    segment = site.segments[0].model_copy(update={"name": "lines"})
    base = {name: site.model_copy(update={"segments": (segment,)})}
    theirs, mine = (
        {name: site.model_copy(update={"segments": (segment.model_copy(update={"share": n}),)})} for n in (10, 20)
    )
    (clash,) = merge(base, theirs, mine, prefer_mine=True).clashes
    assert (clash.place, inventory.at(theirs[name], clash.place)) == (("segments", "lines", "share"), 10)
