"""Nornir's inventory plugin `LinjevaktInventory` (entry point group `nornir.plugins.inventory`)."""

from pathlib import Path

from nornir.core.inventory import Defaults, Group, Groups, Host, Hosts, Inventory, ParentGroups
from pydantic import SecretStr

from linjevakt import settings
from linjevakt.plugins import hosts
from linjevakt.settings import Settings


class LinjevaktInventory:
    """Every router with its groups; `options` of Nornir's configuration go before the LINJEVAKT_* environment.

    `host.platform` is NAPALM's driver, `host.data` holds site, owner, hub, state, lines and segments. There are no
    passwords or keys: give those to Nornir yourself, for example through its defaults.
    """

    def __init__(self, home: str | None = None, database_url: str | None = None, templates: str | None = None) -> None:
        self._home, self._database_url, self._templates = home, database_url, templates

    def load(self) -> Inventory:
        """The inventory. Raises LinjevaktError with a sentence that says what is wrong."""
        defaults, groups, found = Defaults(), Groups(), Hosts()
        for known in hosts.hosts(self._settings()):
            for name in known.groups:
                groups.setdefault(name, Group(name=name, defaults=defaults))
            found[known.name] = Host(
                name=known.name,
                hostname=known.address,
                username=known.user,
                platform=known.driver,
                groups=ParentGroups([groups[name] for name in known.groups]),
                data=dict(known.data),
                defaults=defaults,
            )
        return Inventory(hosts=found, groups=groups, defaults=defaults)

    def _settings(self) -> Settings:
        given = {
            "home": self._home and Path(self._home),
            "database_url": self._database_url and SecretStr(self._database_url),
            "templates": self._templates and Path(self._templates),
        }
        return settings.load().model_copy(update={name: value for name, value in given.items() if value})
