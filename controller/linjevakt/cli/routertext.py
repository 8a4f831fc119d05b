"""How routers are shown: a list, one router, its health, and what is known of it without its help."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from linjevakt.cli.clock import local
from linjevakt.cli.terminal import Rows, echo
from linjevakt.cli.words import word
from linjevakt.model.health import DuplicateHealth, Health, LineHealth, told
from linjevakt.model.record import CERTIFICATE_ENDS_SOON, PushRecord
from linjevakt.model.saying import Saying, together

if TYPE_CHECKING:
    from linjevakt.overview import Overview, Row, Witness


def show_rows(found: "Iterable[Row]") -> None:
    """A line for each router."""
    heads = (Saying("Site"), Saying("Stage"), Saying("State"), Saying("Line"), Saying("Last push"))
    shown = Rows(Saying("Router"), *heads, Saying("Certificate until"))
    for one in found:
        shown.add_row(*_row(one))
    shown.show()


def show(one: "Overview") -> None:
    """One router with all that is known of it."""
    for name, value in _facts(one):
        echo(_labelled(name, value))
    _show_witness(one.witness, one.health)
    if one.health:
        _show_polled(one.health)


def show_health(found: Health, witness: "Witness") -> None:
    """A router as it was just polled."""
    state = word(told(found, shut_out=witness.shut_out is not None))
    echo(
        Saying("{}: {}, {}", found.router, state, found.detail)
        if found.detail
        else Saying("{}: {}", found.router, state)
    )
    _show_witness(witness, found)
    if found.certificate_expires:
        revoked = witness.shut_out.since if witness.shut_out else None
        certificate = _certificate(found.router, found.certificate_expires, revoked)
        echo(_labelled(Saying("certificate"), certificate))
    _show_polled(found)


def _show_witness(witness: "Witness", health: Health | None) -> None:
    """What is known without the router's help."""
    for name, value in _witnessed(witness):
        echo(_labelled(name, value))
    if health and not health.reachable and not witness.shut_out:
        told = Saying("the router itself tells: `linjevakt-agent status` on the box")
        echo(_labelled(Saying("why"), told))


def _show_polled(found: Health) -> None:
    """What the router has said of itself, if it answered."""
    if not found.reachable:
        return
    configuration = word(found.config_state or "none")
    said = Saying("{}; agent {}, configuration {}", local(found.at), found.agent_version, configuration)
    echo(_labelled(Saying("polled"), said))
    tunnel = word(found.tunnel)
    echo(_labelled(Saying("tunnel"), Saying("{}, for {} s", tunnel, found.tunnel_age_s) if found.tunnel_up else tunnel))
    for name, value in _parts(found):
        echo(_labelled(name, value))


def _parts(found: Health) -> Iterator[tuple[str, str]]:
    if found.drift:
        yield Saying("by hand"), found.drift
    for line in found.lines:
        yield Saying("line"), _of_line(line)
    for probe in found.probes:
        kind = f" ({probe.kind})" if probe.kind else ""
        result = word(probe.result)
        yield Saying("probe"), Saying("{}{} for {}: {} ({})", probe.service, kind, probe.segment, result, probe.detail)
    if found.storage != "writable":
        yield Saying("disk"), word(found.storage)
    for copy in found.duplicates:
        said = _copied(copy)
        yield Saying("duplicate"), Saying("{} since {}", said, local(copy.first)) if copy.first else said


def _of_line(line: LineHealth) -> Saying:
    """`wan0 (own_isp): up, in use, 12.3 ms, tunnel`."""
    in_use, rtt = (
        (Saying("in use") if line.in_use else ""),
        (f"{line.rtt_ms:.1f} ms" if line.rtt_ms is not None else ""),
    )
    parts = [part for part in (word(line.state), in_use, rtt, line.carries) if part]
    return Saying("{} ({}): {}", line.name, word(line.kind), together(", ", parts))


def _copied(copy: DuplicateHealth) -> Saying:
    return Saying("somebody has the key of {} at {}: {} times", copy.router, copy.address, copy.attempts)


def _witnessed(witness: "Witness") -> Iterator[tuple[str, str]]:
    if witness.shut_out:
        since, stolen = witness.shut_out.since, Saying("its box was reported stolen")
        yield Saying("shut out"), Saying("{} since {}", stolen, local(since)) if since else stolen
        for hub in witness.shut_out.waiting:
            yield "", Saying("revocation NOT in force on {}", hub)
    if witness.unrefused:
        yield Saying("refuses"), Saying("NOT YET {} of the revoked certificates", witness.unrefused)
    if witness.down_since:
        yield Saying("down"), Saying("since {}", local(witness.down_since))
        if witness.hub:
            yield Saying("hub"), Saying("{}: {}", witness.hub, word(witness.hub_state))
        for copy in witness.copies:
            yield Saying("duplicate"), _copied(copy)


def _row(one: "Row") -> tuple[str, ...]:
    return (
        one.router,
        one.site_name or Saying("(hub)"),
        word(one.stage) if one.stage else "-",
        word(one.state),
        one.line_in_use or "-",
        Saying("{}, {}", word(one.push[0]), local(one.push[1])) if one.push else "-",
        _until(one.certificate_expires, one.certificate_revoked),
    )


def _until(expires: datetime | None, revoked: datetime | None) -> str:
    if revoked:
        return Saying("revoked {}", local(revoked))
    if expires is None:
        return "-"
    left = expires - datetime.now(UTC)
    if left < CERTIFICATE_ENDS_SOON:
        return Saying("{} ({} days left)", local(expires), left.days)
    return local(expires)


def _facts(one: "Overview") -> Iterator[tuple[str, str]]:
    device, push = one.device, one.push
    yield Saying("router"), Saying("{} ({}, {})", one.router.name, one.router.platform, word(one.role))
    yield Saying("site"), f"{one.site_name}, {one.owner}" if one.site else "-"
    yield Saying("management"), str(one.router.management)
    yield Saying("stage"), _stage(one)
    yield Saying("serial"), device.serial if device else one.router.serial or "-"
    certificate = _certificate(one.router.name, one.certificate_expires, one.certificate_revoked)
    yield Saying("certificate"), certificate
    yield Saying("last push"), _last(push) if push else "-"
    yield Saying("state"), word(one.state)


def _last(push: PushRecord) -> Saying:
    state, started = word(push.state), local(push.started)
    return Saying("{} {} {}", state, started, push.reason) if push.reason else Saying("{} {}", state, started)


def _stage(one: "Overview") -> Saying:
    """The time is that of staging, also of a router that was live since; of one that is shut out, when it was that."""
    if one.device is None:
        return Saying("not staged")
    since = one.witness.shut_out.since if one.witness.shut_out else one.device.enrolled
    stage = word(one.device.stage)
    return Saying("{} since {}", stage, local(since)) if since else stage


def _certificate(router: str, expires: datetime | None, revoked: datetime | None) -> str:
    if revoked:
        return Saying("REVOKED {}", local(revoked))
    if expires is None:
        return "-"
    left = expires - datetime.now(UTC)
    said = Saying("until {}, {} days left", local(expires), left.days)
    return Saying("{}; RENEW IT: `linjevakt push {}`", said, router) if left < CERTIFICATE_ENDS_SOON else said


def _labelled(name: str, value: str) -> Saying:
    return Saying("{:<12} {}", name, value)
