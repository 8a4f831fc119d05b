"""Measures everything that `docs/performance.md` reports, side by side with peers; nothing here passes or fails."""

import argparse
import importlib
import json
import logging
import os
import platform
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import site
from tests.bench.figures import Figure, Unavailable

_BENCHMARKS = Path(__file__).resolve().parent.glob("bench_*.py")
_WIDTH = 150
_FEW = 100


def main() -> None:
    """The command line."""
    known = {file.stem.removeprefix("bench_"): file.stem for file in sorted(_BENCHMARKS)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=known, action="append", metavar="NAME", help=f"one of: {', '.join(known)}")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("bench").setLevel(logging.INFO)
    logging.getLogger("nornir").setLevel(logging.CRITICAL)  # a contender that fails is reported in the table
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a lab is taken down
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # programs in service keep their compiled modules
    begun = time.monotonic()
    with site.cleanup:
        figures = {name: _measured(known[name]) for name in asked.only or known}
    _show(figures, time.monotonic() - begun, as_json=asked.json)


def _measured(module: str) -> list[Figure]:
    """A benchmark that cannot be run here is a figure without a value."""
    try:
        figures: list[Figure] = importlib.import_module(f"tests.bench.{module}").measure()
    except Unavailable as reason:
        name = module.removeprefix("bench_")
        logging.getLogger("bench").warning("%s: not measured: %s", name, reason)
        return [Figure(name, "everything", "", (), (), f"not measured: {reason}")]
    return figures


def _show(figures: dict[str, list[Figure]], seconds: float, *, as_json: bool) -> None:
    machine = f"{os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}"
    if as_json:
        rows = {name: [figure.to_json() for figure in found] for name, found in figures.items()}
        sys.stdout.write(json.dumps({"machine": machine, "seconds": round(seconds), "figures": rows}, indent=2) + "\n")
        return
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    for found in figures.values():
        for job in dict.fromkeys(figure.job for figure in found):
            console.print(_table(job, [figure for figure in found if figure.job == job]))
    console.print(f"Medians of interleaved rounds in {seconds:.0f} s on {machine}.")


def _table(job: str, figures: Iterable[Figure]) -> Table:
    table = Table(title=job, title_justify="left", title_style="bold")
    for heading in ("who", "median", "unit", "from - to", "times ours", "note"):
        table.add_column(heading, justify="right" if heading in {"median", "times ours"} else "left")
    for figure in figures:
        spread = f"{_number(min(figure.values))} - {_number(max(figure.values))}" if figure.values else ""
        table.add_row(figure.contender, _number(figure.median), figure.unit, spread, _number(figure.ratio), figure.note)
    return table


def _number(value: float | None) -> str:
    """Three digits that count; whole numbers from 100."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= _FEW else f"{value:.3g}"


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
