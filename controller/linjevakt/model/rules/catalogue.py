"""Rules about the catalogue's rows: proxy rules that are tested, that decide something, and that agree."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from linjevakt.model.catalogue import Catalogue, PacRule, Prerequisite, Service
from linjevakt.model.near import did_you_mean
from linjevakt.model.rules.base import Finding, Findings
from linjevakt.model.rules.numbering import impossible
from linjevakt.model.saying import Saying

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
                message = Saying("the rule {} has no test", _said(rule))
                remedy = Saying("Add a URL that it decides to `pac_tests`, with the way that a browser must take")
                yield Finding((row.key, "pac", n), message, remedy)


def pac_rules_decide(catalogue: Catalogue) -> Findings:
    """No rule lies in the shadow of a suffix of the same row that says the same."""
    for row in catalogue.values():
        for n, rule in enumerate(row.pac):
            for m, other in enumerate(row.pac):
                if m != n and _shadows(other, rule, earlier=m < n):
                    message = Saying("the rule {} changes nothing: {} says it already", _said(rule), _said(other))
                    yield Finding((row.key, "pac", n), message, Saying("Remove it"))


def openings_are_possible(catalogue: Catalogue) -> Findings:
    """What a member is told to open in a firewall is an address that a server can have."""
    for row in catalogue.values():
        for finding in impossible(row):
            yield finding.within(row.key)


def pac_rules_agree(catalogue: Catalogue) -> Findings:
    """No two rules send the same name different ways."""
    for one, other in combinations(_rules(catalogue), 2):
        if opposed(one[2], other[2]):
            yield replace(_opposed(one, other), other=_opposed(other, one))


def internet_goes_by_proxy(catalogue: Catalogue) -> Findings:
    """Nothing reaches the internet but through the proxies (domain.md section 9)."""
    for key, n, rule in _rules(catalogue):
        if rule.match == "internet" and rule.via == "direct":
            message, remedy = Saying("sends the internet direct"), Saying("Only `via: proxy` is allowed")
            yield Finding((key, "pac", n, "via"), message, remedy)


def proxies_are_opened(catalogue: Catalogue) -> Findings:
    """A proxy that a row names is where one of its own TCP flows goes: the flow gives the port."""
    for row in catalogue.values():
        flows = {flow.to for flow in row.flows if flow.protocol == "tcp"}
        named = [("pac", n, rule.proxy) for n, rule in enumerate(row.pac)]
        named += [("pac_tests", n, test.proxy) for n, test in enumerate(row.pac_tests)]
        for field, n, proxy in named:
            if proxy and proxy not in flows:
                message = Saying("no TCP flow of this row goes to the proxy {!r}", proxy)
                remedy = did_you_mean(proxy, flows, Saying("Add a flow with `to: {}`", proxy))
                yield Finding((row.key, field, n, "proxy"), message, remedy)


def suppliers_are_named(catalogue: Catalogue) -> Findings:
    """A row that requires an approved supplier says which."""
    for row in catalogue.values():
        if Prerequisite.APPROVED_SUPPLIER in row.requires and row.supplier is None:
            where = (row.key, "requires", row.requires.index(Prerequisite.APPROVED_SUPPLIER))
            message = Saying("requires an approved supplier and names none")
            yield Finding(where, message, Saying("Add `supplier`"))


def _opposed(one: _Placed, other: _Placed) -> Finding:
    key, n, rule = one
    message = Saying(
        "{what} goes {way} here and {other} by {row!r}",
        what=rule.value or Saying("the internet"),
        way=rule.way,
        other=other[2].way,
        row=other[0],
    )
    return Finding((key, "pac", n), message, Saying("Keep one of them: a router has one PAC file for all its services"))


def _deciding(row: Service, host: str) -> PacRule | None:
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
