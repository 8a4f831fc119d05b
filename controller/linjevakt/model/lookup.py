"""What to say when a name is nobody's: one text a noun, with what was meant or where to look."""

from collections.abc import Iterable

from linjevakt.model.errors import NotFoundError
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying, together


def no_router(name: str, known: Iterable[str]) -> NotFoundError:
    """There is no router of that name."""
    otherwise = Saying("`linjevakt router list` shows what there is.")
    return _none(Saying("There is no router {name!r}.", name=name), name, known, otherwise)


def no_hub(name: str, known: Iterable[str]) -> NotFoundError:
    """There is no hub of that name: a site's router may have it."""
    there = frozenset(known)
    return _none(Saying("There is no hub {name!r}.", name=name), name, there, there_are(there))


def no_site(key: str, known: Iterable[str]) -> NotFoundError:
    """There is no site of that key."""
    otherwise = Saying("`linjevakt site list` shows what there is, `linjevakt history site {site}` what was.", site=key)
    return _none(Saying("There is no site {site!r}.", site=key), key, known, otherwise)


def no_router_or_site(name: str, known: Iterable[str]) -> NotFoundError:
    """Neither a router nor a site is called so."""
    otherwise = Saying("`linjevakt inventory show` lists them all.")
    return _none(Saying("There is no router and no site {name!r}.", name=name), name, known, otherwise)


def no_organisation(number: str, known: Iterable[str]) -> NotFoundError:
    """There is no organisation of that number."""
    otherwise = Saying("`linjevakt org list` shows what there is.")
    return _none(Saying("There is no organisation {number!r}.", number=number), number, known, otherwise)


def no_box(serial: str, known: Iterable[str]) -> NotFoundError:
    """The stock has no box of that serial number."""
    otherwise = Saying(
        "A new one is taken into the stock with `linjevakt stock add {serial} --model MODEL`; `linjevakt stock list` "
        "shows what there is.",
        serial=serial,
    )
    return _none(Saying("There is no box with serial number {serial}.", serial=serial), serial, known, otherwise)


def no_line(name: str, known: Iterable[str]) -> NotFoundError:
    """No router has a line of that name (ROUTER.LINE)."""
    otherwise = Saying("A line is named ROUTER.LINE; `linjevakt line list` shows what there is.")
    return _none(Saying("There is no line {name!r}.", name=name), name, known, otherwise)


def no_provider(name: str, known: Iterable[str]) -> NotFoundError:
    """No line is of that provider."""
    there = frozenset(known)
    return _none(Saying("There is no provider {name!r}.", name=name), name, there, there_are(there))


def no_segment(name: str, known: Iterable[str]) -> NotFoundError:
    """No site has a segment of that name (SITE/SEGMENT)."""
    otherwise = Saying("A segment is named SITE/SEGMENT.")
    return _none(Saying("There is no segment {name!r}.", name=name), name, known, otherwise)


def no_service(key: str, known: Iterable[str]) -> NotFoundError:
    """The catalogue has no service of that key."""
    otherwise = Saying("`linjevakt service list` shows what there is.")
    return _none(Saying("There is no service {name!r}.", name=key), key, known, otherwise)


def no_endpoint(key: str, known: Iterable[str]) -> NotFoundError:
    """The installation has no address that the catalogue names so."""
    there = frozenset(known)
    return _none(Saying("There is no service address {name!r}.", name=key), key, there, there_are(there))


def no_order(number: int) -> NotFoundError:
    """There is no order of that number: none is near another."""
    return NotFoundError(
        Saying("There is no order {number}; `linjevakt order list --all` shows what there is.", number=number)
    )


def not_staged(router: str) -> NotFoundError:
    """The router is in the inventory, but no box was ever staged as it."""
    return NotFoundError(
        Saying(
            "{router} is not staged yet. Run `linjevakt router stage {router} --identity FILE` with what "
            "`linjevakt-agent identity --json` prints on the box.",
            router=router,
        )
    )


def there_are(known: Iterable[str]) -> Saying:
    """`There are: hub-bergen, hub-oslo.`, ten of them at most."""
    return Saying("There are: {names}.", names=", ".join(sorted(known)[:10]))


def _none(missing: Saying, name: str, known: Iterable[str], otherwise: Saying) -> NotFoundError:
    return NotFoundError(together(" ", [missing, did_you_mean(name, known, otherwise)]))
