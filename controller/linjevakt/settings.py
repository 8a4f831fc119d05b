"""Where an installation keeps its things: the LINJEVAKT_* environment variables."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from linjevakt.model import wording
from linjevakt.model.errors import InvalidInputError
from linjevakt.model.near import did_you_mean
from linjevakt.model.saying import Saying, together

PREFIX: Final = "LINJEVAKT_"
# of the lab, the command line, the agent, and main
_OTHERS: Final = frozenset({"LINJEVAKT_LAB", "LINJEVAKT_LANG", "LINJEVAKT_ROOT", "LINJEVAKT_TRACEBACK"})


def _listed(names: object) -> object:
    return tuple(name.strip() for name in names.split(",") if name.strip()) if isinstance(names, str) else names


class Settings(BaseSettings):
    """`home` holds what is not said to be elsewhere; `key` is base64, in place of a key file.

    `hosts` are the names, separated by commas, that the web answers to besides localhost.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    home: Path = Path("~/.linjevakt")
    database_url: SecretStr | None = None
    key: SecretStr | None = None
    key_file: Path | None = None
    templates: Path | None = None
    catalogue: Path | None = None
    hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()

    @property
    def folder(self) -> Path:
        """The home with `~` resolved."""
        return self.home.expanduser().absolute()

    @property
    def url(self) -> str:
        """The database, a SQLite file in the home unless another one is given; may hold a password."""
        return (
            self.database_url.get_secret_value() if self.database_url else f"sqlite:///{self.folder / 'linjevakt.db'}"
        )

    @property
    def key_path(self) -> Path:
        """Where the key file is, if no key is given."""
        return (self.key_file or self.folder / "key").expanduser()


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. Raises InvalidInputError for a name that is not one of ours, or a wrong value."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in environment:
        if name.startswith(PREFIX) and name not in known | _OTHERS:
            remedy = did_you_mean(name, known, Saying("There are: {}.", ", ".join(sorted(known))))
            raise InvalidInputError(Saying("The environment variable {} means nothing to Linjevakt. {}", name, remedy))
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            Saying("{}: {}", f"{PREFIX}{fault['loc'][0]}".upper(), wording.sentence(wording.said(fault)))
            for fault in error.errors(include_url=False)
        ]
        raise InvalidInputError(Saying("The environment is wrong: {}", together("; ", faults))) from error
