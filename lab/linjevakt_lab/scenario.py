"""A scenario: an inventory, what the lab puts around it, and what clients are expected to reach."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from linjevakt.inventory import dump, generate, load
from linjevakt.inventory.folder import Folder
from linjevakt.model.errors import InventoryError
from linjevakt.model.fields import Noun
from linjevakt.model.inventory import Dhcp, Inventory, LineKind
from linjevakt_lab.errors import UnknownNameError
from linjevakt_lab.places import SCENARIOS
from linjevakt_lab.setting import Setting

_FILE = "scenario.yaml"


class Expectation(Noun):
    """One row of what a client sees: from a node, do this, to a URL, name or address, with this result."""

    from_: Annotated[str, Field(alias="from")]
    do: Literal["fetch", "ping", "dns", "proxy"]
    to: str
    result: Literal["ok", "refused", "timeout"]


class ScenarioFile(Setting):
    """The content of scenario.yaml; `inventory` is relative to it."""

    description: str
    inventory: str = "inventory"
    expect: tuple[Expectation, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """What a lab is raised from; `source` is the inventory's folder, None for a generated one."""

    name: str
    source: Path | None
    inventory: Inventory
    setting: Setting
    expect: tuple[Expectation, ...] = ()

    @staticmethod
    def names() -> list[str]:
        """The folders of `lab/scenarios`."""
        return sorted(file.parent.name for file in SCENARIOS.glob(f"*/{_FILE}"))

    @classmethod
    def named(cls, name: str) -> "Scenario":
        """Read `lab/scenarios/NAME`; raises UnknownNameError, or InventoryError with every finding."""
        if name not in cls.names():
            raise UnknownNameError("scenario", name, cls.names())
        folder = Folder(SCENARIOS / name)
        content = folder.read(_FILE, ScenarioFile)
        if content is None:
            raise InventoryError(folder.issues)
        path = (SCENARIOS / name / content.inventory).resolve()
        return cls(name, path, load(path), content, content.expect)

    @classmethod
    def synthetic(cls, sites: int) -> "Scenario":
        """Generate that many sites, on fixed addresses, DHCP and DHCP behind NAT; raises InvalidInputError."""
        inventory = generate(sites)
        return cls(f"{sites} sites", None, inventory, Setting(behind_nat=_own_lines_by_dhcp(inventory)))

    def inventory_folder(self, new: Path) -> Path:
        """Return where the inventory can be read: its own folder, or `new`, written now, for a generated one."""
        if self.source:
            return self.source
        dump(self.inventory, new)
        return new


def _own_lines_by_dhcp(inventory: Inventory) -> tuple[str, ...]:
    """Return the lines of which a household's or an office's own NAT is likely the other end."""
    return tuple(
        f"{site.router.name}.{line.name}"
        for site in inventory.sites
        for line in site.lines
        if line.kind is LineKind.OWN_ISP and isinstance(line.addressing, Dhcp)
    )
