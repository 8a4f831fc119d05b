"""What a process that runs for long says: events on stderr, as JSON unless somebody looks on."""

import logging
import sys

import structlog
from structlog.typing import EventDict

from linjevakt.daemons.sparing import Sparing
from linjevakt.model.text import visible


def to_stderr() -> None:
    """Wires it, before all else."""
    for handler in logging.getLogger().handlers:  # what libraries say, for each of thousands of clients if need be
        handler.addFilter(Sparing())
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _in_plain_text,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _in_plain_text(_logger: object, _method: str, event: EventDict) -> EventDict:
    """What routers said is part of many events."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}
