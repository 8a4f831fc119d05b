"""Every address field of the inventory and the catalogue is looked at: the schema is walked, none is forgotten."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from linjevakt import inventory, platforms, resources
from linjevakt.model import rules
from linjevakt.model.catalogue import Service
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Installation, Inventory, Site
from linjevakt.model.rules import numbering
from linjevakt.model.rules.catalogue import check_catalogue
from linjevakt.workorders.kinds import KINDS

FLEET = inventory.load(resources.inventory() / "example")
CATALOGUE = inventory.load_catalogue()
IMPOSSIBLE = {
    "ipv4": ["127.0.0.1", "0.0.0.1", "224.0.0.9", "255.255.255.255"],
    "ipv4interface": ["127.0.0.2/30", "0.0.0.2/30", "224.0.0.2/30", "240.0.0.2/30", "169.254.3.2/24"],
    "ipv4network": ["127.0.0.0/24", "0.0.0.0/8", "224.0.0.0/24", "240.0.0.0/24", "169.254.0.0/16"],
}
WAY = {"method": "static", "address": "198.51.100.6/30", "gateway": "198.51.100.5"}
WHY = ("no host's address", "a loopback address", "a multicast address", "a reserved or broadcast", "link-local")
Path = tuple[str, ...]


def walked(schema: Mapping[str, Any], whole: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The path and format of every address in a JSON schema, which knows nothing of the rules; lists add no step."""
    if "$ref" in schema:
        yield from walked(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, path)
    for branch in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *filter(None, [schema.get("items")])):
        yield from walked(branch, whole, path)
    for name, field in schema.get("properties", {}).items():
        yield from walked(field, whole, (*path, name))
    if schema.get("format", "").startswith("ipv4"):
        yield path, schema["format"]


def fields(noun: type[Noun]) -> dict[Path, str]:
    schema = noun.model_json_schema()
    return dict(walked(schema, schema))


def full_site() -> dict[str, Any]:
    """A site that has something in every list."""
    site = FLEET.sites[1].model_dump(mode="json")
    site["lines"][0]["addressing"], site["lines"][0]["alternatives"] = dict(WAY), [dict(WAY)]
    site["segments"][0]["blocks"] = [{"to": "192.0.2.0/24", "reason": "ordered"}]
    return site


def put(plain: Any, path: Path, value: str) -> None:
    """The value in the place of the first one at the path."""
    for part in path[:-1]:
        plain = plain[part]
        plain = plain[0] if isinstance(plain, list) else plain
    listed = isinstance(plain.get(path[-1]), list)
    plain[path[-1]] = [value] if listed else value


def found(findings: list[rules.Finding], path: Path, value: str) -> bool:
    """Whether a finding is about that field, for what no host can have."""
    about = [one for one in findings if tuple(part for part in one.where if isinstance(part, str)) == path]
    address = value.partition("/")[0]
    return any(one.message.startswith(address) and any(why in one.message for why in WHY) for one in about)


def cases(noun: type[Noun]) -> list[tuple[Path, str]]:
    return [(path, value) for path, kind in fields(noun).items() for value in IMPOSSIBLE[kind]]


@pytest.mark.parametrize("noun", [Installation, Site, Service])
def test_the_rules_see_every_address_field_of_the_schema(noun: type[Noun]) -> None:
    assert set(numbering.fields(noun)) == fields(noun).keys()
    assert fields(noun)


@pytest.mark.parametrize(("path", "value"), cases(Installation), ids=str)
def test_no_field_of_the_installation_takes_what_no_host_has(path: Path, value: str) -> None:
    plain = FLEET.installation.model_dump(mode="json")
    plain["hubs"][0]["line"]["alternatives"] = [dict(WAY)]
    put(plain, path, value)
    changed = FLEET.model_copy(update={"installation": Installation.model_validate(plain)})
    assert found(_check(changed), ("installation", *path), value)


@pytest.mark.parametrize(("path", "value"), cases(Site), ids=str)
def test_no_field_of_a_site_takes_what_no_host_has(path: Path, value: str) -> None:
    plain = full_site()
    put(plain, path, value)
    sites = (FLEET.sites[0], Site.model_validate(plain), *FLEET.sites[2:])
    changed = FLEET.model_copy(update={"sites": sites})
    assert found(_check(changed), ("sites", *path), value)


@pytest.mark.parametrize(("path", "value"), cases(Service), ids=str)
def test_no_field_of_the_catalogue_takes_what_no_host_has(path: Path, value: str) -> None:
    row = next(row for row in CATALOGUE.values() if row.outside)
    plain = row.model_dump(mode="json")
    put(plain, path, value)
    findings = check_catalogue(CATALOGUE | {row.key: Service.model_validate(plain)})
    assert found(findings, (row.key, *path), value)


def test_what_is_blocked_may_be_everything() -> None:
    plain = full_site()
    put(plain, ("segments", "blocks", "to"), "0.0.0.0/0")
    site = Site.model_validate(plain)
    assert not list(numbering.impossible(site))


def test_a_gateway_may_be_link_local_and_an_address_may_not() -> None:
    plain = full_site()
    put(plain, ("lines", "addressing", "gateway"), "169.254.0.1")
    assert not list(numbering.impossible(Site.model_validate(plain)))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: str(kind.key))
def test_an_order_asks_for_no_address_that_the_inventory_has_not(kind: Any) -> None:
    """Whatever is ordered becomes the same field of a site, and is looked at there before the order is taken."""
    names = {path[-2:] if path[0] in {"lines", "segments", "segment"} else path[-1:] for path in fields(kind.wish)}
    known = {path[-2:] for path in numbering.fields(Site)} | {("segment", "prefix"), ("management",)}
    assert names <= known


def _check(fleet: Inventory) -> list[rules.Finding]:
    return rules.check(fleet, CATALOGUE, platforms.every())
