"""Rules about the catalogue's rows: proxy rules that are tested, that decide something, and that agree."""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from linjevakt.model.catalogue import Catalogue, CatalogueService, PacRule, Prerequisite
from linjevakt.model.rules.base import Finding, Findings
from linjevakt.model.rules.numbering import impossible

_Placed = tuple[str, int, PacRule]


def opposed(one: PacRule, other: PacRule) -> bool:
    """Whether two rules are about the same name, or both about the internet, and say different ways."""
    return (one.value, one.way) != (other.value, other.way) and one.value == other.value


def pac_rules_are_tested(catalogue: Catalogue) -> Findings:
    """Each proxy rule is the one that decides some row of `pac_tests`."""
    for row in catalogue.values():
        decided = [_deciding(row, test.host) for test in row.pac_tests]
        for n, rule in enumerate(row.pac):
            if rule not in decided:
                message = f"the rule {_said(rule)} has no test"
                remedy = "Add a URL that it decides to `pac_tests`, with the way that a browser must take"
                yield Finding((row.key, "pac", n), message, remedy)


def pac_rules_decide(catalogue: Catalogue) -> Findings:
    """No rule lies in the shadow of a suffix of the same row that says the same."""
    for row in catalogue.values():
        for n, rule in enumerate(row.pac):
            for m, other in enumerate(row.pac):
                if m != n and _shadows(other, rule, earlier=m < n):
                    message = f"the rule {_said(rule)} changes nothing: {_said(other)} says it already"
                    yield Finding((row.key, "pac", n), message, "Remove it")


def openings_are_possible(catalogue: Catalogue) -> Findings:
    """What a member is told to open in a firewall is an address that a server can have."""
    for row in catalogue.values():
        for finding in impossible(row):
            yield finding.within(row.key)


def pac_rules_agree(catalogue: Catalogue) -> Findings:
    """No two rules send the same name different ways."""
    for (key, n, rule), (other_key, _, other) in combinations(_rules(catalogue), 2):
        if opposed(rule, other):
            what = rule.value or "the internet"
            message = f"{what} goes {rule.way} here and {other.way} by {other_key!r}"
            yield Finding((key, "pac", n), message, "Keep one of them: a router has one flex.pac for all its services")


def internet_goes_by_proxy(catalogue: Catalogue) -> Findings:
    """Nothing reaches the internet but through the proxies (domain.md section 9)."""
    for key, n, rule in _rules(catalogue):
        if rule.match == "internet" and rule.via == "direct":
            yield Finding((key, "pac", n, "via"), "sends the internet direct", "Only `via: proxy` is allowed")


def proxies_are_opened(catalogue: Catalogue) -> Findings:
    """A proxy that a row names is where one of its own TCP flows goes: the flow gives the port."""
    for row in catalogue.values():
        flows = {flow.to for flow in row.flows if flow.protocol == "tcp"}
        named = [("pac", n, rule.proxy) for n, rule in enumerate(row.pac)]
        named += [("pac_tests", n, test.proxy) for n, test in enumerate(row.pac_tests)]
        for field, n, proxy in named:
            if proxy and proxy not in flows:
                message = f"no TCP flow of this row goes to the proxy {proxy!r}"
                yield Finding((row.key, field, n, "proxy"), message, f"Add a flow with `to: {proxy}`")


def suppliers_are_named(catalogue: Catalogue) -> Findings:
    """A row that requires an approved supplier says which."""
    for row in catalogue.values():
        if Prerequisite.APPROVED_SUPPLIER in row.requires and row.supplier is None:
            where = (row.key, "requires", row.requires.index(Prerequisite.APPROVED_SUPPLIER))
            yield Finding(where, "requires an approved supplier and names none", "Add `supplier`")


def _deciding(row: CatalogueService, host: str) -> PacRule | None:
    """The rule of the row that flex.pac applies to a host: the host's own, else the longest suffix, else internet."""
    order = {"host": 0, "suffix": 1, "internet": 2}
    rules = sorted(row.pac, key=lambda rule: (order[rule.match], -len(rule.value or "")))
    return next((rule for rule in rules if rule.covers(host)), None)


def _shadows(wide: PacRule, narrow: PacRule, *, earlier: bool) -> bool:
    if wide == narrow:
        return earlier
    below = narrow.value is not None and wide.match == "suffix" and wide.covers(narrow.value)
    return below and wide.way == narrow.way


def _rules(catalogue: Catalogue) -> Iterator[_Placed]:
    return ((row.key, n, rule) for row in catalogue.values() for n, rule in enumerate(row.pac))


def _said(rule: PacRule) -> str:
    return f"{rule.match} {rule.value or ''}".strip()


CATALOGUE: tuple[Callable[[Catalogue], Iterable[Finding]], ...] = (
    pac_rules_are_tested,
    pac_rules_decide,
    pac_rules_agree,
    internet_goes_by_proxy,
    proxies_are_opened,
    suppliers_are_named,
    openings_are_possible,
)


def check_catalogue(catalogue: Catalogue) -> list[Finding]:
    """Every finding in the rows; `where` begins with the row's key."""
    return [finding for rule in CATALOGUE for finding in rule(catalogue)]
