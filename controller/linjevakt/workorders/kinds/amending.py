"""What several kinds say of the fields that may be amended: the steps that rest on each (`Kind.settled_by`)."""

from collections.abc import Mapping

_ADDRESSES = ("name", "prefix", "prefix_length", "pool")


def lines(step: str) -> Mapping[str, tuple[str, ...]]:
    """The lines of a wish, used by that step; papers and measurements are about who delivers which."""
    papers = ("subscription", "delivery", step)
    return {"lines": (step,), **{f"lines.{name}": papers for name in ("name", "kind", "provider")}}


def segment(field: str, step: str) -> Mapping[str, tuple[str, ...]]:
    """A segment of a wish, used by that step; its addresses were set aside when the order was taken."""
    addresses = {f"{field}.{name}": ("taken",) for name in _ADDRESSES}
    return {field: (step,), f"{field}.organisation": ("confirmation", step), **addresses}
