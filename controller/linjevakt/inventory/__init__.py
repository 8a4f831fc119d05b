"""The inventory as files: load it with every finding at once, write it out, or generate a synthetic fleet."""

from linjevakt.inventory.catalogue import load_catalogue
from linjevakt.inventory.difference import Difference, differences
from linjevakt.inventory.dumping import dump
from linjevakt.inventory.loading import load
from linjevakt.inventory.schema import schemas, write_schemas
from linjevakt.inventory.synthetic import generate

__all__ = ["Difference", "differences", "dump", "generate", "load", "load_catalogue", "schemas", "write_schemas"]
