"""The log of a process of ours on standard error, as plain text: it quotes tools, files and what strangers send."""

import logging

from linjevakt_agent.base.visible import visible


class Formatter(logging.Formatter):
    """Each record's text made safe to show."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        return visible(super().format(record))


def to_stderr(form: str) -> None:
    """Log what is INFO or above; `form` is logging's `fmt`."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
