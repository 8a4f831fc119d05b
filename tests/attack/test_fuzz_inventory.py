"""Inventories with something wrong in them, as YAML and as CSV: findings, never a fault, and memory that has an end."""

import resource
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tests.attack import fuzz

from linjevakt import inventory as files
from linjevakt.inventory import load_catalogue
from linjevakt.inventory.dumping import Form
from linjevakt.model.errors import InventoryError
from linjevakt.model.inventory import Inventory

_MEMORY = 200_000_000  # octets more than before: one small fleet is some kilobytes
_CATALOGUE = load_catalogue(None)


def _faults(whole: Path, dice: Random, count: int) -> Iterator[str]:
    names = sorted(file for file in whole.rglob("*") if file.is_file())
    content = {file: file.read_bytes() for file in names}
    for n in range(count):
        file = dice.choice(names)
        bent = fuzz.bent(dice, content[file])
        file.write_bytes(bent)
        try:
            files.load(whole, _CATALOGUE)
        except InventoryError as error:
            if not error.issues or not all(issue.message and issue.remedy for issue in error.issues):
                yield f"{n}: {file.name}: no finding says what is wrong: {bent!r}"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            yield f"{n}: {file.name}: {error!r}: {bent!r}"
        finally:
            file.write_bytes(content[file])


def _try(inventory: Inventory, folder: Path, form: Form, seed: int, count: int) -> None:
    files.dump(inventory, folder / "whole", form=form)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert list(_faults(folder / "whole", fuzz.dice(seed), count)) == []
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < _MEMORY


@pytest.mark.parametrize("form", [Form.YAML, Form.CSV])
def test_a_few_inventories_that_someone_has_bent(inventory: Inventory, tmp_path: Path, form: Form) -> None:
    _try(inventory, tmp_path, form, 8, 100)


@pytest.mark.attack
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("form", [Form.YAML, Form.CSV])
def test_inventories_that_someone_has_bent(
    inventory: Inventory, tmp_path: Path, form: Form, seed: int, count: int
) -> None:
    _try(inventory, tmp_path, form, seed, count // 2)
