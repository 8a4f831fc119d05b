"""How this box runs its services and sets its clock: `/etc/linjevakt-agent/host.toml`, no part of the configuration."""

from datetime import datetime
from pathlib import Path

import msgspec

from linjevakt_agent.base import tools
from linjevakt_agent.base.errors import UnavailableError, reason
from linjevakt_agent.base.tools import ToolError

_TIMEOUT_S = 20.0


class Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Commands in which `{service}` stands for a service's name.

    `log` prints the last lines that it wrote, `runs` fails unless it is up. In `clock`, which sets
    the clock, `{time}` stands for the seconds since 1970 (UTC).
    """

    restart: tuple[str, ...]
    stop: tuple[str, ...]
    log: tuple[str, ...]
    runs: tuple[str, ...]
    clock: tuple[str, ...] = ("date", "--utc", "--set=@{time}")

    def restart_service(self, service: str) -> None:
        """(Re)start a service and see that it stays up; raises ToolError with what the service said."""
        try:
            tools.run(_filled(self.restart, service), timeout=_TIMEOUT_S)
        except ToolError as error:
            raise ToolError(f"{service} does not start: {self._said(service) or error.message}") from error

    def stop_service(self, service: str) -> None:
        """Stop a service until it is restarted; raises ToolError."""
        tools.run(_filled(self.stop, service), timeout=_TIMEOUT_S)

    def set_clock(self, to: datetime) -> None:
        """Set the clock of the box; raises ToolError, also where the box is a container and may not."""
        tools.run([word.replace("{time}", str(int(to.timestamp()))) for word in self.clock], timeout=_TIMEOUT_S)

    def is_up(self, service: str) -> bool:
        """Whether a service runs; raises ToolError if that cannot be found out."""
        try:
            tools.run(_filled(self.runs, service), timeout=_TIMEOUT_S)
        except ToolError as error:
            if not error.ran:
                raise
            return False
        return True

    def _said(self, service: str) -> str:
        try:
            return tools.trimmed(tools.run(_filled(self.log, service)))
        except ToolError:
            return ""


def _filled(command: tuple[str, ...], service: str) -> list[str]:
    return [word.replace("{service}", service) for word in command]


def load(path: Path) -> Host:
    """Read `host.toml`; raises UnavailableError naming the file if it is missing or wrong."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Host)
    except (OSError, ValueError) as error:
        raise UnavailableError(f"{path}: {reason(error)}") from error
