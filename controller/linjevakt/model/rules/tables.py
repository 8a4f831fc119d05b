"""The rules by what of a change each has to look at again; a rule stands in one table.

A rule that no table fits is one that looks at the whole fleet: it would make every edit wait for it.
"""

from collections.abc import Mapping
from typing import Final

from linjevakt.model.rules import addresses, interfaces, lines, names, numbering, organisations, segments, services
from linjevakt.model.rules.base import Alone, Rule, Unique

ALONE: Final[tuple[Alone, ...]] = (*lines.ALONE, *segments.ALONE, *organisations.ALONE)
"""Each looks at one site and at nothing else."""

EACH: Final[tuple[Rule, ...]] = (
    *organisations.EACH,
    *lines.EACH,
    *addresses.EACH,
    *numbering.EACH,
    *names.EACH,
    *interfaces.EACH,
    *services.EACH,
)
"""At one site, or one member, by itself, beside the installation, the catalogue and the platforms."""

NAMED: Final[tuple[Rule, ...]] = (*organisations.NAMED, *services.NAMED)
"""At one site and at the members that it names."""

UNIQUE: Final[Mapping[str, Unique]] = {**lines.UNIQUE, **addresses.UNIQUE}
"""At what no two have: a value that is new in a change is looked for among all. The register keeps who holds which
value by these names; a new one needs a migration that writes down who holds what."""

APART: Final[tuple[Rule, ...]] = addresses.APART
"""At prefixes, which no two have any part of: the leases tell whose a new one meets."""

KEYS: Final[tuple[Rule, ...]] = (*organisations.KEYS, *addresses.KEYS)
"""At keys. The register has one entity a key, so that files alone can break them."""

INSTALLATION: Final[tuple[Rule, ...]] = (*lines.INSTALLATION, *addresses.INSTALLATION, *numbering.INSTALLATION)
"""At the installation and at nothing else."""

FLEET: Final[tuple[Rule, ...]] = (*KEYS, *UNIQUE.values(), *APART, *EACH, *NAMED, *INSTALLATION)
"""All but `ALONE`, over a whole fleet."""
