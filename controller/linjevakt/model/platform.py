"""A platform as a value: all that differs between makes of router, as its `platform.toml` says it."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from linjevakt.model.change import RevertTimer
from linjevakt.model.fields import Noun
from linjevakt.model.phrase import Phrase
from linjevakt.model.saying import Saying


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(Saying("not a regular expression: {error}", error=error)) from error
    return pattern


def _hides(pattern: str) -> str:
    if not re.compile(_compiles(pattern)).groups:
        raise ValueError(Saying("has no group: put the secret itself in parentheses"))
    return pattern


class Form(Noun):
    """How a platform writes a name, and what to tell whoever writes it otherwise; `longest` in characters."""

    pattern: Annotated[str, AfterValidator(_compiles)]
    longest: Annotated[int, Field(ge=1)]
    remedy: Phrase

    def fits(self, name: str) -> bool:
        """Whether it is such a name."""
        return len(name) <= self.longest and re.fullmatch(self.pattern, name) is not None


class Interfaces(Noun):
    """What the platform's routers call their interfaces: a `line` (a port, or a VLAN on one) and a LAN's `port`.

    `own` are those that a router has for itself, `reserved` what means something else to it than one interface.
    """

    line: Form
    port: Form
    own: frozenset[str] = frozenset()
    reserved: frozenset[str] = frozenset()


class Platform(Noun):
    """What differs between platforms, as data; `name` is the folder's.

    `adapter` and `decoder` are modules: how its routers are logged in to (`linjevakt.devices.Connect`, as `connect`),
    and what they say over SNMP (`linjevakt.health.Decoder`, as `DECODER`). `driver` is NAPALM's name for them, which
    Ansible and Nornir are told.
    A configuration is either `sections` (one template each, in this order, under `header`) or one `template`.
    `trust` are the sections that hold certificates and nothing else, `trust_of_hub` the others of a hub that say who is
    revoked: they go to a router by themselves when its certificate is renewed or someone is revoked.
    `pac` is the template of the proxy configuration file, where the routers serve one, without `.j2`.
    `addressing` is how a router of the platform can be given the address of a line.
    `secrets` are regular expressions whose first group is a secret in what the router shows of its configuration.
    """

    name: str
    folder: Path
    adapter: str
    decoder: str
    driver: str
    load: Literal["replace", "merge"]
    header: str = ""
    sections: tuple[str, ...] = ()
    template: str | None = None
    trust: tuple[str, ...] = ()
    trust_of_hub: tuple[str, ...] = ()
    pac: str | None = None
    revert: RevertTimer
    interfaces: Interfaces
    addressing: frozenset[Literal["static", "dhcp", "pppoe"]] = frozenset({"static", "dhcp"})
    secrets: tuple[Annotated[str, AfterValidator(_hides)], ...] = ()
    settings: dict[str, str | int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> "Platform":
        if bool(self.sections) == bool(self.template):
            raise ValueError(Saying("give either `sections` or `template`"))
        return self

    @property
    def replaces(self) -> bool:
        """Whether a configuration takes the place of all that runs; else it comes on top."""
        return self.load == "replace"
