"""The inventory as files: load it with every finding at once, write it out, or generate a synthetic fleet."""

from linjevakt.inventory.catalogue import load_catalogue
from linjevakt.inventory.difference import Difference, FieldChange, differences, field_changes
from linjevakt.inventory.dumping import Form, dump
from linjevakt.inventory.loading import Contents, load, read
from linjevakt.inventory.merging import Clash, Entities, Merged, Silent, at, completed, merge, removals
from linjevakt.inventory.schema import schemas, write_schemas
from linjevakt.inventory.synthetic import generate
from linjevakt.inventory.yamlfiles import Exported

__all__ = [
    "Clash",
    "Contents",
    "Difference",
    "Entities",
    "Exported",
    "FieldChange",
    "Form",
    "Merged",
    "Silent",
    "at",
    "completed",
    "differences",
    "dump",
    "field_changes",
    "generate",
    "load",
    "load_catalogue",
    "merge",
    "read",
    "removals",
    "schemas",
    "write_schemas",
]
