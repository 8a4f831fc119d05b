"""What can go wrong in a configuration transaction: a small tree by cause, each with the exit code of section 2."""

from typing import ClassVar


def reason(error: Exception) -> str:
    """What went wrong, without the number and the path that `str` of an OSError has."""
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error) or type(error).__name__


class ConfigError(Exception):
    """A refusal with its place: `section` is a section's name, `line` counts from 1 within it, else in the text."""

    kind: ClassVar[str] = "unavailable"
    exit_code: ClassVar[int] = 4

    def __init__(self, message: str, *, section: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.section = section
        self.line = line

    def to_json(self) -> dict[str, str | int | None]:
        """`{"kind", "message", "section", "line"}` as the contract's section 2 has it."""
        return {"kind": self.kind, "message": self.message, "section": self.section, "line": self.line}

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (self.section, f"line {self.line}" if self.line is not None else None) if part
        )
        return f"{place}: {self.message}" if place else self.message


class InvalidError(ConfigError):
    """The input or the candidate is wrong; nothing was changed."""

    kind = "invalid"
    exit_code = 2


class AbsentError(ConfigError):
    """What the command works on is not there: no candidate, nothing pending, no earlier generation."""

    kind = "absent"
    exit_code = 2


class LockedError(ConfigError):
    """Another session holds the configuration."""

    kind = "locked"
    exit_code = 3


class StorageError(ConfigError):
    """The box could not write: disk full, read-only or broken; nothing was changed."""

    kind = "storage"


class ApplyError(ConfigError):
    """A configuration could not be put in force; the box went back to the confirmed one."""

    kind = "apply"


class UnavailableError(ConfigError):
    """The guard does not answer."""


BY_KIND: dict[str, type[ConfigError]] = {
    error.kind: error for error in (InvalidError, AbsentError, LockedError, StorageError, ApplyError, UnavailableError)
}


def from_json(value: dict[str, str | int | None]) -> ConfigError:
    """Rebuild the error that `to_json` wrote."""
    line = value.get("line")
    section = value.get("section")
    return BY_KIND.get(str(value.get("kind")), UnavailableError)(
        str(value.get("message")),
        section=None if section is None else str(section),
        line=None if line is None else int(line),
    )
