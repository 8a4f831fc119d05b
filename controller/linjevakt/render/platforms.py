"""Reads `platform.toml`: what a platform's folder says about its routers."""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from linjevakt import resources
from linjevakt.model.change import RevertTimer
from linjevakt.model.errors import NotFoundError, TemplateError
from linjevakt.model.fields import Noun
from linjevakt.model.saying import Saying
from linjevakt.model.wording import told

FILE = "platform.toml"


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(Saying("not a regular expression: {error}", error=error)) from error
    return pattern


class Platform(Noun):
    """What differs between platforms, as data; `name` is the folder's.

    A configuration is either `sections` (one template each, in this order, under `header`) or one `template`.
    `trust` are the sections that hold certificates and nothing else, `trust_of_hub` the others of a hub that say who is
    revoked: they go to a router by themselves when its certificate is renewed or someone is revoked.
    `addressing` is how a router of the platform can be given the address of a line.
    `secrets` are regular expressions whose first group is a secret in what the router shows of its configuration.
    """

    name: str
    folder: Path
    driver: str
    load: Literal["replace", "merge"]
    header: str = ""
    sections: tuple[str, ...] = ()
    template: str | None = None
    trust: tuple[str, ...] = ()
    trust_of_hub: tuple[str, ...] = ()
    revert: RevertTimer | None = None
    addressing: frozenset[Literal["static", "dhcp", "pppoe"]] = frozenset({"static", "dhcp"})
    prerequisites: tuple[str, ...] = ()
    secrets: tuple[Annotated[str, AfterValidator(_compiles)], ...] = ()
    capabilities: frozenset[str] = frozenset()
    settings: dict[str, str | int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> "Platform":
        if bool(self.sections) == bool(self.template):
            raise ValueError(Saying("give either `sections` or `template`"))
        return self


def platforms(templates: Path | None = None) -> dict[str, Platform]:
    """Every platform there is: the folders with a `platform.toml`."""
    return {found.name: found for found in _found(templates or resources.templates())}


def platform(name: str, templates: Path | None = None) -> Platform:
    """One platform. Raises NotFoundError when there is no such folder, TemplateError when its file is wrong."""
    folder = templates or resources.templates()
    file = folder / name / FILE
    if not file.is_file():
        known = ", ".join(sorted(path.parent.name for path in folder.glob(f"*/{FILE}")))
        raise NotFoundError(
            Saying(
                "there is no platform {name!r} in {folder}; there are: {known}", name=name, folder=folder, known=known
            )
        )
    return _read(file, file.stat().st_mtime_ns)


def _found(templates: Path) -> Iterator[Platform]:
    for file in sorted(templates.glob(f"*/{FILE}")):
        yield _read(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(file: Path, _changed_ns: int) -> Platform:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return Platform(name=file.parent.name, folder=file.parent, **data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise TemplateError(f"{file}: {error}") from error
    except ValidationError as error:
        raise TemplateError(Saying("{}: {}", file, told(error, Saying("the file")))) from error
