"""Rules about who may be connected: organisation numbers, memberships and the sharing of a line."""

from collections.abc import Iterator

from linjevakt.model.inventory import Site
from linjevakt.model.near import did_you_mean
from linjevakt.model.rules.base import Alone, Facts, Finding, Findings, Item, Rule, Where, repeated, unique
from linjevakt.model.saying import Saying

_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
_ADD = Saying("Add it to organisations.yaml, or with `linjevakt org add`")


def check_digit(first_eight: str) -> int | None:
    """The mod-11 check digit of an organisation number's first eight digits; None where no number has them."""
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_eight, strict=True)) % 11
    return None if rest == 1 else -rest % 11


def number_has_check_digit(facts: Facts) -> Findings:
    """The last digit follows from the others (domain.md section 2)."""
    for n, organisation in enumerate(facts.inventory.organisations):
        if check_digit(organisation.number[:8]) != int(organisation.number[8]):
            message = Saying("{} is no organisation number: its check digit is wrong", organisation.number)
            yield Finding(("organisations", n, "number"), message, Saying("Look for swapped or mistyped digits"))


def number_fits_installation(facts: Facts) -> Findings:
    """Real numbers begin with 8 or 9, synthetic ones with 2 or 3; tests see synthetic data only, production none."""
    test = facts.inventory.installation.test
    first, misfit = ("23", _not_for_tests) if test else ("89", _not_for_production)
    for n, organisation in enumerate(facts.inventory.organisations):
        if organisation.number[0] not in first:
            yield Finding(("organisations", n, "number"), *misfit(organisation.number))


@unique(Saying("the organisation number"), Saying("Remove one of the two"))
def numbers_are_unique(facts: Facts) -> Iterator[Item]:
    """One organisation a number."""
    for n, organisation in enumerate(facts.inventory.organisations):
        yield ("organisations", n, "number"), organisation.number, organisation.name


def organisations_are_known(facts: Facts) -> Findings:
    """Whoever owns or shares a line is in organisations.yaml."""
    for where, number, _ in named(facts):
        if number not in facts.organisations:
            remedy = did_you_mean(number, facts.organisations, _ADD)
            yield Finding(where, Saying("organisation {} is unknown", number), remedy)


def nobody_shares_with_itself(site: Site) -> Findings:
    """The owner needs no confirmation of its own."""
    for n, sharing in enumerate(site.sharing):
        if sharing.organisation == site.owner:
            message = Saying("the owner shares the line with itself")
            yield Finding(("sharing", n, "organisation"), message, Saying("Remove the row"))


def sharing_is_confirmed_once(site: Site) -> Findings:
    """One confirmation an organisation."""
    items = (
        (("sharing", n, "organisation"), sharing.organisation, Saying("another row"))
        for n, sharing in enumerate(site.sharing)
    )
    return repeated(items, Saying("the sharing organisation"), Saying("Keep the confirmation that holds"))


def _not_for_tests(number: str) -> tuple[str, str]:
    what = Saying("{} is not for a test installation: numbers there begin with 2 or 3", number)
    return what, Saying("Use a synthetic number: real data do not belong in tests")


def _not_for_production(number: str) -> tuple[str, str]:
    what = Saying("{} is not for production: numbers there begin with 8 or 9", number)
    return what, Saying("Use the real number, or set `test: true` in installation.yaml")


def named(facts: Facts) -> Iterator[tuple[Where, str, str]]:
    """Every organisation number that a connection names, once a connection, and whose it is."""
    for n, site in enumerate(facts.inventory.sites):
        places: dict[str, Where] = {site.owner: ("owner",)}
        for m, segment in enumerate(site.segments):
            places.setdefault(segment.organisation, ("segments", m, "organisation"))
        for m, sharing in enumerate(site.sharing):
            places.setdefault(sharing.organisation, ("sharing", m, "organisation"))
        yield from ((("sites", n, *where), number, site.key) for number, where in places.items())


ALONE: tuple[Alone, ...] = (nobody_shares_with_itself, sharing_is_confirmed_once)
EACH: tuple[Rule, ...] = (number_has_check_digit, number_fits_installation)
KEYS: tuple[Rule, ...] = (numbers_are_unique,)
NAMED: tuple[Rule, ...] = (organisations_are_known,)
