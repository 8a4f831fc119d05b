"""The configured probes with their last results, as the probe timetable writes them."""

from datetime import datetime
from pathlib import Path
from typing import Self

import msgspec

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Probe, ProbeKind
from linjevakt_agent.collect import CollectError, settings


class Result(msgspec.Struct, frozen=True):
    """The last run of one probe, which ended `at` (UTC)."""

    service: str
    segment: str
    kind: ProbeKind
    target: str
    ok: bool
    ms: float
    detail: str
    at: datetime

    @classmethod
    def of(cls, probe: Probe, ok: bool, ms: float, detail: str, at: datetime) -> Self:  # noqa: FBT001 as the fields stand
        """The result of `probe`."""
        return cls(probe.service, probe.segment, probe.kind, probe.target, ok, ms, detail, at)


class Results(msgspec.Struct, frozen=True):
    """`/run/linjevakt/probes.json`."""

    probes: tuple[Result, ...] = ()


def read(paths: Paths) -> dict[int, tuple[Probe, Result | None]]:
    """Row of `agent.toml` from 1 -> the probe and its last result, if it has run. Raises CollectError."""
    results = {_key(result): result for result in parse_file(paths.run / "probes.json")}
    probes = settings.agent(paths).probe
    return {row: (probe, results.get(_key(probe))) for row, probe in enumerate(probes, start=1)}


def parse_file(path: Path) -> tuple[Result, ...]:
    """All results; none when there is no file yet. Raises CollectError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Results).probes
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise CollectError(f"probes: {path}: {reason(error)}") from error


def _key(row: Probe | Result) -> tuple[str, str, str, str]:
    return row.service, row.segment, row.kind, row.target
