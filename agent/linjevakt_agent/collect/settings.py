"""The agent's own files of the running configuration, as types."""

import asyncio
from pathlib import Path
from typing import TypeVar

import msgspec

from linjevakt_agent.base.errors import reason
from linjevakt_agent.base.paths import Paths
from linjevakt_agent.base.schema import Agent, Network, Secrets
from linjevakt_agent.collect import CollectError

T = TypeVar("T")

POLL_S = 0.5


def agent(paths: Paths) -> Agent:
    """`agent.toml`. Raises CollectError."""
    return _load(paths.section("agent.toml"), Agent)


def network(paths: Paths) -> Network:
    """`network.toml`. Raises CollectError."""
    return _load(paths.section("network.toml"), Network)


def secrets(paths: Paths) -> Secrets:
    """`secrets.toml`. Raises CollectError, which never quotes a value."""
    return _load(paths.section("secrets.toml"), Secrets)


def _load(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except (OSError, ValueError) as error:
        raise CollectError(f"{path}: {reason(error)}") from error


def generation(paths: Paths) -> str | None:
    """Which generation runs: where the symlink `running` points."""
    try:
        return str(paths.running.readlink())
    except OSError:
        return None


async def changed(paths: Paths, known: str | None) -> None:
    """Return when another generation than `known` runs."""
    while generation(paths) == known:  # noqa: ASYNC110 a symlink raises no event that asyncio could wait for
        await asyncio.sleep(POLL_S)
