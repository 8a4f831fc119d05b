"""The inventory as files: load it with every finding at once, write it out, or generate a synthetic fleet."""

from linjevakt.inventory.catalogue import load_catalogue
from linjevakt.inventory.difference import Difference, FieldChange, differences, field_changes, refuse_orphans
from linjevakt.inventory.dumping import Form, dump
from linjevakt.inventory.loading import Contents, load, read
from linjevakt.inventory.schema import schemas, write_schemas
from linjevakt.inventory.synthetic import generate

__all__ = [
    "Contents",
    "Difference",
    "FieldChange",
    "Form",
    "differences",
    "dump",
    "field_changes",
    "generate",
    "load",
    "load_catalogue",
    "read",
    "refuse_orphans",
    "schemas",
    "write_schemas",
]
