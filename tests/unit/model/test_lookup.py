"""What is asked for by name is found by an index of its fleet alone; a name that is nobody's has one text a noun."""

import ast
import pickle
import re
from collections.abc import Callable
from copy import copy, deepcopy
from pathlib import Path

import pytest

import linjevakt
from linjevakt import inventory, reach, resources
from linjevakt.model.errors import NotFoundError
from linjevakt.model.inventory import Hub, Inventory, Site

ROOT = Path(linjevakt.__file__).parent
FJELLHEIM, SOLBAKKEN, HUB = "rtr-fjellheim", "rtr-solbakken", "hub-oslo"


@pytest.fixture
def fleet() -> Inventory:
    return inventory.load(resources.inventory() / "example")


def test_each_door_finds_what_the_fleet_holds(fleet: Inventory) -> None:
    assert [fleet.router(router.name) for router in fleet.routers] == list(fleet.routers)
    assert tuple(fleet.site(site.key) for site in fleet.sites) == fleet.sites
    assert tuple(fleet.at(site.router.name) for site in fleet.sites) == fleet.sites
    assert tuple(fleet.at(hub.router.name) for hub in fleet.installation.hubs) == fleet.installation.hubs
    assert tuple(fleet.member(one.number) for one in fleet.organisations) == fleet.organisations


def test_a_hub_is_no_site_and_a_site_no_hub(fleet: Inventory) -> None:
    assert isinstance(fleet.at(HUB), Hub)
    assert (fleet.is_hub(HUB), fleet.is_hub(FJELLHEIM), fleet.is_hub("nobody")) == (True, False, False)
    assert (fleet.site_at(HUB), fleet.site_at("nobody")) == (None, None)
    assert isinstance(fleet.site_at(FJELLHEIM), Site)


def test_the_sites_behind_the_hubs_are_all_sites_each_once(fleet: Inventory) -> None:
    behind = [site.key for hub in fleet.installation.hubs for site in fleet.behind(hub.router.name)]
    assert sorted(behind) == sorted(site.key for site in fleet.sites)
    assert fleet.behind(FJELLHEIM) == ()


def test_a_member_is_found_where_it_owns_and_where_it_shares(fleet: Inventory) -> None:
    for member in fleet.organisations:
        there = [site for site in fleet.sites if member.number in reach.members(site)]
        assert fleet.sites_of(member.number) == tuple(there)
    assert fleet.sites_of("000000000") == ()


@pytest.mark.parametrize("deep", [False, True])
def test_a_copy_finds_what_it_holds_itself_and_nothing_of_the_original(fleet: Inventory, *, deep: bool) -> None:
    assert fleet.site("fjellheim") is fleet.at(FJELLHEIM)
    assert fleet.behind(HUB)
    assert fleet.sites_of(fleet.site("fjellheim").owner)
    left = fleet.model_copy(update={"sites": fleet.sites[1:], "organisations": ()}, deep=deep)
    gone = fleet.sites[0]
    assert gone.key not in left.by_key
    assert gone not in left.behind(HUB)
    assert gone not in left.sites_of(gone.owner)
    for look in (lambda: left.site(gone.key), lambda: left.at(gone.router.name), lambda: left.member(gone.owner)):
        with pytest.raises(NotFoundError):
            look()
    assert fleet.site(gone.key) == gone


COPIES: tuple[Callable[[Inventory], Inventory], ...] = (
    copy,
    deepcopy,
    lambda fleet: pickle.loads(pickle.dumps(fleet)),  # noqa: S301 - our own bytes
    lambda fleet: Inventory.model_validate_json(fleet.model_dump_json()),
    lambda fleet: fleet.model_copy(),
)


@pytest.mark.parametrize("copied", COPIES)
def test_who_has_looked_is_equal_to_who_has_not(fleet: Inventory, copied: Callable[[Inventory], Inventory]) -> None:
    fresh = inventory.load(resources.inventory() / "example")
    plain, shown, counted = fresh.model_dump_json(), repr(fresh), hash(fresh)
    fleet.at(FJELLHEIM), fleet.site("fjellheim"), fleet.behind(HUB), fleet.sites_of("310000019"), fleet.members
    assert (fleet, hash(fleet), fleet.model_dump_json(), repr(fleet)) == (fresh, counted, plain, shown)
    again = copied(fleet)
    assert (again, hash(again), again.at(SOLBAKKEN)) == (fresh, counted, fresh.at(SOLBAKKEN))


LOOKS: tuple[tuple[Callable[[Inventory], object], str], ...] = (
    (lambda fleet: fleet.router("rtr-fjelheim"), "There is no router 'rtr-fjelheim'. Did you mean 'rtr-fjellheim'?"),
    (lambda fleet: fleet.at("x"), "There is no router 'x'. `linjevakt router list` shows what there is."),
    (lambda fleet: fleet.site("fjelheim"), "There is no site 'fjelheim'. Did you mean 'fjellheim'?"),
    (
        lambda fleet: fleet.site("x"),
        "There is no site 'x'. `linjevakt site list` shows what there is, `linjevakt history site x` what was.",
    ),
    (lambda fleet: fleet.member("1"), "There is no organisation '1'. `linjevakt org list` shows what there is."),
    (lambda fleet: reach.of_hub(fleet, "hub-olso"), "There is no hub 'hub-olso'. Did you mean 'hub-oslo'?"),
    (lambda fleet: reach.of_hub(fleet, FJELLHEIM), "There is no hub 'rtr-fjellheim'. There are: hub-oslo."),
    (lambda fleet: reach.of_line(fleet, "rtr-fjellheim.wan9"), "There is no line 'rtr-fjellheim.wan9'. Did you mean"),
)


@pytest.mark.parametrize(("look", "said"), LOOKS)
def test_a_name_that_is_nobodys_is_answered_in_one_text_a_noun(
    fleet: Inventory, look: Callable[[Inventory], object], said: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        look(fleet)
    assert str(caught.value).startswith(said)
    assert caught.value.said("nb").startswith("Det finnes ingen ")


def test_nobody_has_a_text_of_their_own_for_what_is_not_there() -> None:
    """But `model.lookup`, its Norwegian, the example of an error on the API's page, and what a step says it lacks."""
    text = re.compile(r"[Tt]here is no (router|site|organisation|box|hub|line|provider|segment|order)\b|is called \{")
    own = {str(file.relative_to(ROOT)) for file in ROOT.rglob("*.py") if text.search(file.read_text(encoding="utf-8"))}
    assert {one for one in own if not one.startswith(("norwegian/", "workorders/kinds/"))} <= {
        "model/lookup.py",
        "web/problems.py",
    }


def test_nobody_makes_an_index_or_a_search_of_their_own() -> None:
    """Sites, routers and organisations by name: the register's own doors are all there are."""
    own = {f"{file.relative_to(ROOT)}:{line}" for file in ROOT.rglob("*.py") for line in _scans(file)}
    assert own == set()


def _scans(file: Path) -> list[int]:
    """Lines that loop over a fleet's nouns and compare, or index by, what the doors look up."""
    if file.parent.name in {"model", "rules"}:  # the doors themselves, and rules, which look at a fleet of parts
        return []
    names = {"router.name", "key", "number", "name"}
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.DictComp) and _is_of_fleet(node.generators):
            key = ast.unparse(node.key).partition(".")[2]
            found += [node.lineno] if key in names and isinstance(node.value, ast.Name) else []
        if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp) and _is_of_fleet(node.generators):
            tests = [test for generator in node.generators for test in generator.ifs]
            found += [node.lineno for test in tests if _compares(test, names)]
    return found


def _is_of_fleet(generators: list[ast.comprehension]) -> bool:
    over = ast.unparse(generators[0].iter)
    return over.endswith(("inventory.sites", "inventory.routers", "inventory.organisations", "installation.hubs"))


def _compares(test: ast.expr, names: set[str]) -> bool:
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Eq):
        return False
    return ast.unparse(test.left).partition(".")[2] in names
