"""Prometheus' text format for hundreds of thousands of series: the client library takes ten times as long."""

from functools import lru_cache
from typing import Literal

_KNOWN = 10_000  # texts that are kept as they are written: the names of lines and services are the same at most sites


class Family:
    """One metric: `name` as it is scraped, and its series, each once whatever a router says twice.

    Prometheus would else refuse those of all.
    """

    def __init__(self, name: str, help_text: str, kind: Literal["gauge", "counter"] = "gauge") -> None:
        self._name, self._head = name, f"# HELP {name} {help_text}\n# TYPE {name} {kind}\n"
        self._series: dict[str, float] = {}

    def add(self, labels: str, value: float) -> None:
        """A series; `labels` are what `Labels` makes of them, empty for none."""
        self._series[labels] = value

    def __str__(self) -> str:
        """As it is scraped."""
        name = self._name
        return self._head + "".join([f"{name}{labels} {float(value)}\n" for labels, value in self._series.items()])


class Labels:
    """The names of a series' labels: `Labels("router", "line")("rtr-a", "wan0")` is `{router="rtr-a",line="wan0"}`."""

    def __init__(self, *names: str) -> None:
        pairs = [f'{name}="%s"' for name in names]
        self._template = "{" + ",".join(pairs) + "}"

    def __call__(self, *values: str) -> str:
        """With these values."""
        return self._template % tuple(map(_escaped, values))


@lru_cache(_KNOWN)
def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
