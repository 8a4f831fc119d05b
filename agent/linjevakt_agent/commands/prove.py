"""A proof that the router works, taken now: tunnel, lines, and every probe run afresh."""

import difflib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from linjevakt_agent.base import inquiry
from linjevakt_agent.base.errors import AbsentError, ConfigError, InvalidError
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Agent, Probe
from linjevakt_agent.collect import CollectError, clock, config, settings, storage
from linjevakt_agent.commands import status
from linjevakt_agent.services import probes

WORKERS = 32


def main(root: Path, service: str | None = None) -> dict[str, Any]:
    """The proof as the contract's section 2 has it, of one service's probes or of all.

    Raises AbsentError without a running configuration and InvalidError for a service that has no probe.
    """
    paths = Paths(root)
    try:
        agent, state = settings.agent(paths), config.read(paths)
    except CollectError as error:
        raise AbsentError(f"there is no running configuration to prove: {error}") from error
    chosen = _chosen(agent, service)
    with ThreadPoolExecutor(min(WORKERS, len(chosen) + 1)) as workers:
        tunnel = workers.submit(_tunnel, paths) if agent.tunnel else None
        outcomes = list(workers.map(probes.run, chosen))
    return {
        "router": agent.router,
        "at": status.now(),
        "clock": clock.row(paths),
        "config_hash": state.hash,
        "pending": state.state == "pending",
        "boot": status.boot(root),
        "tunnel": tunnel.result() if tunnel else None,
        "lines": status.seen_lines(paths),
        "storage": msgspec.to_builtins(storage.read(paths)),
        "probes": [_probe(probe, outcome) for probe, outcome in zip(chosen, outcomes, strict=True)],
    }


def _tunnel(paths: Paths) -> dict[str, Any]:
    """A tunnel that carries small packets alone is none: transfers hang, and every other probe is small."""
    found = status.tunnel(paths)
    if not found["up"]:
        return found
    try:
        full = inquiry.ask(paths, "full")
    except ConfigError as error:
        return found | {"up": False, "detail": f"it is not known whether packets of full size pass: {error}"}
    return found if full["passes"] is not False else found | {"up": False, "detail": full["detail"]}


def _chosen(agent: Agent, service: str | None) -> list[Probe]:
    known = sorted({probe.service for probe in agent.probe})
    if service is None or service in known:
        return [probe for probe in agent.probe if service in {None, probe.service}]
    meant = difflib.get_close_matches(service, known, n=1)
    hint = f"did you mean {meant[0]!r}?" if meant else f"there are: {', '.join(known) or 'none'}"
    raise InvalidError(f"no probe of service {service!r}; {hint}", section="agent.toml")


def _probe(probe: Probe, outcome: probes.Outcome) -> dict[str, Any]:
    shown = {"service": probe.service, "segment": probe.segment, "kind": probe.kind, **asdict(outcome)}
    return shown if probe.kind == "pac" else {name: value for name, value in shown.items() if name != "body"}
