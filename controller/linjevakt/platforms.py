"""Finds the platforms: every folder of the templates with a `platform.toml`, which is read here and nowhere else."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from linjevakt import resources
from linjevakt.model.errors import NotFoundError, TemplateError
from linjevakt.model.platform import Platform
from linjevakt.model.saying import Saying
from linjevakt.model.wording import told

FILE = "platform.toml"


def every(templates: Path | None = None) -> Mapping[str, Platform]:
    """Every platform there is, by name. Raises TemplateError for a file that is wrong."""
    files = sorted((templates or resources.templates()).glob(f"*/{FILE}"))
    return {file.parent.name: _read(file, file.stat().st_mtime_ns) for file in files}


def named(name: str, templates: Path | None = None) -> Platform:
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


def part(module: str, name: str) -> Any:
    """What the module that a platform names for its adapter or decoder has of that name.

    Raises TemplateError for one that is not installed, or has none.
    """
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError, TypeError, SyntaxError) as error:
        raise TemplateError(
            Saying(
                "platform.toml names the module {module!r}, which has no {name!r} for us: {error}",
                module=module,
                name=name,
                error=error,
            )
        ) from error


@lru_cache(maxsize=64)
def _read(file: Path, _changed_ns: int) -> Platform:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return Platform(name=file.parent.name, folder=file.parent, **data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise TemplateError(f"{file}: {error}") from error
    except ValidationError as error:
        raise TemplateError(Saying("{}: {}", file, told(error, Saying("the file"), Platform))) from error
