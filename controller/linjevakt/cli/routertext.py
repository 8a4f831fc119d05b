"""How routers are shown: a list, one router, its health, and what is known of it without its help."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from linjevakt.cli.clock import local
from linjevakt.cli.language import Tongue
from linjevakt.cli.terminal import Rows, echo
from linjevakt.cli.words import word
from linjevakt.model.health import Health, told
from linjevakt.model.record import CERTIFICATE_ENDS_SOON

if TYPE_CHECKING:
    from linjevakt.overview import Overview, Witness


def show_rows(found: "Iterable[Overview]", lang: Tongue) -> None:
    """A line for each router."""
    heads = ("Router", "Site", "Stage", "State", "Line", "Last push", "Certificate until")
    shown = Rows(*(word(head, lang) for head in heads))
    for one in found:
        shown.add_row(*_row(one, lang))
    shown.show()


def show(one: "Overview", lang: Tongue) -> None:
    """One router with all that is known of it."""
    for name, value in _facts(one, lang):
        echo(_labelled(name, value, lang))
    _show_witness(one.witness, one.health, lang)
    if one.health:
        _show_polled(one.health, lang)


def show_health(found: Health, witness: "Witness", lang: Tongue) -> None:
    """A router as it was just polled."""
    state = _state(told(found, shut_out=witness.shut_out is not None), lang)
    echo(f"{found.router}: {state}{f', {found.detail}' if found.detail else ''}")
    _show_witness(witness, found, lang)
    if found.certificate_expires:
        revoked = witness.shut_out.since if witness.shut_out else None
        echo(_labelled("certificate", _certificate(found.router, found.certificate_expires, revoked, lang), lang))
    _show_polled(found, lang)


def _show_witness(witness: "Witness", health: Health | None, lang: Tongue) -> None:
    """What is known without the router's help."""
    for name, value in _witnessed(witness, lang):
        echo(_labelled(name, value, lang))
    if health and not health.reachable and not witness.shut_out:
        echo(_labelled("why", word("the router itself tells: `linjevakt-agent status` on the box", lang), lang))


def _show_polled(found: Health, lang: Tongue) -> None:
    """What the router has said of itself, if it answered."""
    if not found.reachable:
        return
    configuration = word(found.config_state or "none", lang)
    said = word("{at}; agent {version}, configuration {configuration}", lang)
    polled = said.format(at=local(found.at), version=found.agent_version, configuration=configuration)
    echo(_labelled("polled", polled, lang))
    age = word(", for {seconds} s", lang).format(seconds=found.tunnel_age_s) if found.tunnel_up else ""
    echo(_labelled("tunnel", f"{word(found.tunnel, lang)}{age}", lang))
    for name, value in _parts(found, lang):
        echo(_labelled(name, value, lang))


def _parts(found: Health, lang: Tongue) -> Iterator[tuple[str, str]]:
    if found.drift:
        yield "by hand", found.drift
    for line in found.lines:
        rtt = f"{line.rtt_ms:.1f} ms" if line.rtt_ms is not None else ""
        in_use = word("in use", lang) if line.in_use else ""
        said = ", ".join(filter(None, (word(line.state, lang), in_use, rtt, line.carries)))
        yield "line", f"{line.name} ({word(line.kind, lang)}): {said}"
    for probe in found.probes:
        kind = f" ({probe.kind})" if probe.kind else ""
        of = f"{probe.service}{kind} {word('for', lang)} {probe.segment}"
        yield "probe", f"{of}: {word(probe.result, lang)} ({probe.detail})"
    if found.storage != "writable":
        yield "disk", word(found.storage, lang)
    for copy in found.duplicates:
        said = word("somebody has the key of {router} at {address}: {times} times", lang)
        since = f" {word('since', lang)} {local(copy.first)}" if copy.first else ""
        yield "duplicate", said.format(router=copy.router, address=copy.address, times=copy.attempts) + since


def _witnessed(witness: "Witness", lang: Tongue) -> Iterator[tuple[str, str]]:
    if witness.shut_out:
        since = witness.shut_out.since
        when = f" {word('since', lang)} {local(since)}" if since else ""
        yield "shut out", f"{word('its box was reported stolen', lang)}{when}"
        for hub in witness.shut_out.waiting:
            yield "", word("revocation NOT in force on {hub}", lang).format(hub=hub)
    if witness.unrefused:
        yield "refuses", word("NOT YET {number} of the revoked certificates", lang).format(number=witness.unrefused)
    if witness.down_since:
        yield "down", f"{word('since', lang)} {local(witness.down_since)}"
        if witness.hub:
            yield "hub", f"{witness.hub}: {_state(witness.hub_state, lang)}"
        for copy in witness.copies:
            said = word("somebody has the key of {router} at {address}: {times} times", lang)
            yield "duplicate", said.format(router=copy.router, address=copy.address, times=copy.attempts)


def _row(one: "Overview", lang: Tongue) -> tuple[str, ...]:
    return (
        one.router.name,
        one.site_name or f"({word('hub', lang)})",
        _state(one.device.stage, lang) if one.device else "-",
        _state(one.state, lang),
        one.health.line_in_use or "-" if one.health else "-",
        f"{word(one.push.state, lang)}, {local(one.push.started)}" if one.push else "-",
        _until(one, lang),
    )


def _until(one: "Overview", lang: Tongue) -> str:
    expires = one.certificate_expires
    if one.certificate_revoked:
        return f"{word('revoked', lang)} {local(one.certificate_revoked)}"
    if expires is None:
        return "-"
    left = expires - datetime.now(UTC)
    days = f" ({word('{days} days left', lang).format(days=left.days)})" if left < CERTIFICATE_ENDS_SOON else ""
    return f"{local(expires)}{days}"


def _facts(one: "Overview", lang: Tongue) -> Iterator[tuple[str, str]]:
    device, push = one.device, one.push
    yield "router", f"{one.router.name} ({one.router.platform}, {word(one.role, lang)})"
    yield "site", f"{one.site_name}, {one.owner}" if one.site else "-"
    yield "management", str(one.router.management)
    yield "stage", _stage(one, lang)
    yield "serial", device.serial if device else one.router.serial or "-"
    yield "certificate", _certificate(one.router.name, one.certificate_expires, one.certificate_revoked, lang)
    yield "last push", f"{word(push.state, lang)} {local(push.started)} {push.reason}".rstrip() if push else "-"
    yield "state", _state(one.state, lang)


def _stage(one: "Overview", lang: Tongue) -> str:
    """The time is that of staging, also of a router that was live since; of one that is shut out, when it was that."""
    if one.device is None:
        return word("not staged", lang)
    since = one.witness.shut_out.since if one.witness.shut_out else one.device.enrolled
    stage = _state(one.device.stage, lang)
    return f"{stage} {word('since', lang)} {local(since)}" if since else stage


def _certificate(router: str, expires: datetime | None, revoked: datetime | None, lang: Tongue) -> str:
    if revoked:
        return f"{word('REVOKED', lang)} {local(revoked)}"
    if expires is None:
        return "-"
    left = expires - datetime.now(UTC)
    said = word("until {at}, {days} days left", lang).format(at=local(expires), days=left.days)
    late = f"; {word('RENEW IT', lang)}: `linjevakt push {router}`" if left < CERTIFICATE_ENDS_SOON else ""
    return f"{said}{late}"


def _state(state: str, lang: Tongue) -> str:
    """A state or stage of the model in words."""
    return word(state.replace("_", " "), lang)


def _labelled(name: str, value: str, lang: Tongue) -> str:
    return f"{word(name, lang) if name else '':<12} {value}"
