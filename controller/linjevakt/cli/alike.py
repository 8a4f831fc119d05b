"""What many routers failed of alike is told once, with their sum: five hundred that are not staged yet are one line."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from linjevakt.cli.terminal import here
from linjevakt.model.change import PushResult
from linjevakt.model.saying import Saying

_APART = 3  # routers of a kind that are told one by one
_NAMED = 3  # routers that stand for the others
T = TypeVar("T")


def show_each(outcomes: Sequence[T], one: Callable[[T], None], many: Callable[[Sequence[PushResult]], None]) -> None:
    """Shows each outcome where it stands; failures that say the same, `many` at the place of the first of them."""
    alike: dict[Hashable, list[PushResult]] = defaultdict(list)
    for outcome in outcomes:
        if isinstance(outcome, PushResult) and not outcome.ok:
            alike[_kind(outcome)].append(outcome)
    for outcome in outcomes:
        group = alike.get(_kind(outcome), []) if isinstance(outcome, PushResult) else []
        if len(group) <= _APART:
            one(outcome)
        elif outcome is group[0]:
            many(group)


def reason(group: Sequence[PushResult]) -> Saying:
    """What they have in common, and a few of those that it is about."""
    names = ", ".join(result.router for result in group[:_NAMED])
    return Saying("{} ({} and {} more)", _nameless(group[0]), names, len(group) - _NAMED)


def _kind(result: PushResult) -> Hashable:
    return result.state, _nameless(result)


def _nameless(result: PushResult) -> str:
    """Its reason as it is said here, with ROUTER in place of the router's own name."""
    name = re.compile(rf"(?<![\w.-]){re.escape(result.router)}(?![\w-]|\.\w)")
    return name.sub(here(Saying("ROUTER")), here(result.reason))
