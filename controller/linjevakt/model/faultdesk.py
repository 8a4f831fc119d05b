"""Whom to call about a line, always with a number: its provider where that is the member's own, else NHN."""

from collections import Counter

from linjevakt.model.inventory import Installation, Inventory, Line, LineKind


def customer_centre(installation: Installation) -> str:
    """`NHN 02017`: manned round the clock (domain.md section 1)."""
    return f"NHN {installation.support_phone}"


def number_of(inventory: Inventory, line: Line) -> str | None:
    """The number of the provider's fault desk: the line's own, else the one that most of the provider's lines have."""
    if line.fault_phone:
        return line.fault_phone
    provider = line.provider.casefold()
    lines = (other for site in inventory.sites for other in site.lines if other.provider.casefold() == provider)
    known = Counter(other.fault_phone for other in lines if other.fault_phone)
    return next((number for number, _ in known.most_common(1)), None)


def of_line(inventory: Inventory, line: Line) -> str:
    """The member's own provider, before NHN; NHN for any other line, and where the provider's number is not known."""
    if line.kind is not LineKind.OWN_ISP:
        return customer_centre(inventory.installation)
    number = number_of(inventory, line)
    return f"{line.provider} {number}" if number else f"{customer_centre(inventory.installation)} ({line.provider})"
