"""Intent and a platform's templates in, candidate out: the configuration text, with every secret kept apart."""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

import jinja2

from linjevakt import platforms
from linjevakt.model.change import Candidate
from linjevakt.model.errors import InvalidInputError, NotFoundError, SecretError, TemplateError
from linjevakt.model.intent import Intent, PacIntent
from linjevakt.model.platform import Platform
from linjevakt.model.saying import Saying
from linjevakt.model.secret import Secret
from linjevakt.render.native import FILTERS, PLACE, Native, UnfitError, finalize

__all__ = ["merged", "pac_file", "render"]

SECTION = "##### "
SUFFIX = ".j2"


def render(intent: Intent, templates: Path | None = None) -> Candidate:
    """The configuration of one router, from the folder of its platform.

    Raises TemplateError (file and line) for a broken template or a value that the intent lacks, InvalidInputError for a
    value that would break out of its place, SecretError for an unfit secret, NotFoundError for an unknown platform.
    """
    place = platforms.named(intent.platform, templates)
    _check_secrets(intent.identity.secrets)
    variables = {**vars(intent), "settings": place.settings, "secret": _secret_places(intent.identity.secrets)}
    text = _sections(place, variables) if place.sections else _filled(place.folder, str(place.template), variables)
    return Candidate(intent.router, intent.platform, text, dict(intent.identity.secrets), intent.revision)


def pac_file(pac: PacIntent, place: Platform) -> str:
    """The proxy configuration file of a platform alone: its template needs nothing but `pac`. Raises as `render`.

    Raises NotFoundError for a platform whose routers serve none.
    """
    if not place.pac:
        raise NotFoundError(Saying("routers of platform {platform} serve no PAC file", platform=place.name))
    return _canonical(place, place.pac, _filled(place.folder, f"{place.pac}{SUFFIX}", {"pac": pac}))


def merged(running: str, candidate: str, place: Platform, names: Iterable[str]) -> str:
    """What runs, with the sections of those names as the candidate has them; one that it does not have goes."""
    new, bodies = _split(candidate), _split(running)
    for name in names:
        bodies.pop(name, None)
        bodies |= {name: new[name]} if name in new else {}
    return "".join(
        [f"{place.header}\n", *(f"{SECTION}{name}\n{bodies[name]}" for name in place.sections if name in bodies)]
    )


def _split(text: str) -> dict[str, str]:
    """Section name to body, in order, of a configuration text made of sections (contract.md section 1)."""
    found: dict[str, str] = {}
    for chunk in text.split(f"\n{SECTION}")[1:]:
        name, _, body = chunk.partition("\n")
        found[name] = f"{body.rstrip(chr(10))}\n"
    return found


def _sections(place: Platform, variables: Mapping[str, Any]) -> str:
    bodies = {name: _filled(place.folder, f"{name}{SUFFIX}", variables) for name in place.sections}
    kept = [f"{SECTION}{name}\n{_canonical(place, name, body)}" for name, body in bodies.items() if body.strip()]
    return "".join([f"{place.header}\n", *kept])


def _canonical(place: Platform, name: str, body: str) -> str:
    if f"\n{SECTION}" in f"\n{body}":
        file = f"{place.folder / name}{SUFFIX}"
        raise TemplateError(
            Saying("{file}: a line begins with {mark!r}, which begins a section", file=file, mark=SECTION)
        )
    return body.strip("\n") + "\n"


def _filled(folder: Path, name: str, variables: Mapping[str, Any]) -> str:
    """One template with its values. Every way in which it can fail becomes an error that names file and line."""
    try:
        return _environment(folder).get_template(name).render(variables)
    except jinja2.TemplateNotFound as error:
        raise TemplateError(
            Saying("{file}: there is no such template; add it or mend platform.toml", file=folder / str(error.name))
        ) from error
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{error.filename or folder / name}:{error.lineno}: {error.message}") from error
    except UnfitError as error:
        raise InvalidInputError(Saying("{}: {}", _where(folder, name, error), error)) from error
    except (jinja2.TemplateError, TypeError, AttributeError, ArithmeticError, LookupError, ValueError) as error:
        raise TemplateError(f"{_where(folder, name, error)}: {error}") from error


def _where(folder: Path, name: str, error: Exception) -> str:
    """Jinja2 gives the frames of a template the template's own file and line."""
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    places = [f"{file}:{line}" for file, line in frames if Path(file).is_relative_to(folder)]
    return places[-1] if places else str(folder / name)


@lru_cache(maxsize=64)
def _environment(folder: Path) -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701 - no HTML; `finalize` refuses what would need escaping
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def _secret_places(secrets: Mapping[str, Secret]) -> Callable[[str], Native]:
    def place(name: str) -> Native:
        if name not in secrets:
            raise KeyError(f"the router's identity has no secret {name!r}")
        return Native(f"{PLACE}secret:{name}}}")

    return place


def _check_secrets(secrets: Mapping[str, Secret]) -> None:
    """A secret takes the place of its token as it is, so it must be harmless within quotes."""
    for name, secret in secrets.items():
        value = secret.reveal()
        if not value.isascii() or not value.isprintable() or set(value) & set("\"\\'"):
            raise SecretError(
                Saying("secret {name!r} holds a character that a configuration cannot carry; make it anew", name=name)
            )
