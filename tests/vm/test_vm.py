"""On Debian's own kernel, under QEMU: a line that its provider tags, a push over it, a fail-over (make test-vm)."""

import json
import shutil
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests import prepared
from tests.registers import save_inventory

from linjevakt import inventory, resources
from linjevakt.inventory import load_catalogue
from linjevakt.provisioning.fleet import Fleet
from linjevakt.store import Store
from linjevakt.trust import SealKey, Vault
from linjevakt_agent import identity
from linjevakt_agent.base.paths import Paths
from linjevakt_lab import vm
from linjevakt_lab.places import CACHE

pytestmark = pytest.mark.vm

STORY = Path(__file__).with_name("story.py")
FLEET = resources.templates() / "linux" / "golden" / "tagged-line" / "inventory"
HUB, ROUTER = "hub-oslo", "rtr-fossheim"
KEPT = CACHE / "vm-console.log"
WITHIN_S = 3600.0
Results = dict[str, Any]


def progress(line: str) -> None:
    """Show one line."""
    sys.stderr.write(f"{line}\n")


def disks(folder: Path) -> dict[str, Path]:
    """What the boxes have on their disks, and what is pushed to them: made by the controller for their own keys."""
    found: dict[str, Path] = {}
    with closing(Store(prepared.migrated(folder))) as store:
        fleet = Fleet(store, Vault(store, SealKey.generate()), load_catalogue(None))
        save_inventory(store, inventory.load(FLEET), "kari")
        for router in (HUB, ROUTER):
            paths = Paths(folder / router)
            text = {"bootstrap": fleet.boxes.stage(router, identity.describe(paths, router))}
            text["full"] = fleet.pushing.candidate(router)
            found[f"{router}.identity"] = paths.identity
            for name, candidate in text.items():
                file = found[f"{router}.{name}"] = folder / f"{router}.{name}"
                file.write_text(candidate.revealed().reveal())
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What the machine has told, by name; its console is kept where it failed."""
    folder = tmp_path_factory.mktemp("vm")
    archive, log = folder / "initramfs", folder / "console"
    vmlinuz = vm.initramfs(archive, STORY, disks(folder), progress)
    results: Results = {}
    with vm.booted(vmlinuz, archive) as machine, log.open("w") as console:
        assert machine.stdout is not None
        timer = threading.Timer(WITHIN_S, machine.kill)
        timer.daemon = True
        timer.start()
        for line in machine.stdout:
            console.write(line)
            console.flush()
            if line.startswith("VM: "):
                sys.stdout.write(line)
                results |= json.loads(line.removeprefix("VM: "))
        timer.cancel()
    archive.unlink()
    if not results.get("done"):
        shutil.copy(log, KEPT)
        pytest.fail(f"the story was not told to its end; the console is in {KEPT}:\n{log.read_text()[-6000:]}")
    return results


def test_the_kernel_is_debians_own(told: Results) -> None:
    assert told["kernel"].endswith("-amd64")
    assert told["kernel_esp"] == 5, "ESP with AES-GCM through an xfrm interface"


def test_a_router_comes_home_and_is_pushed_over_a_line_that_its_provider_tags(told: Results) -> None:
    assert told["staged"]
    assert told["pushed"]
    assert told["pending"]
    assert (told["vlan"]["protocol"], told["vlan"]["id"], told["parent"]) == ("802.1Q", 102, "wan0")
    line = told["lines"]["wan0.102"]
    assert (line["up"], line["in_use"], line["method"]) == (True, True, "dhcp")
    assert line["address"].startswith("198.51.100."), "lent by a server that names its router by option 121 alone"
    assert told["tunnel"]["line"] == "wan0.102"
    assert told["frames"] == 3


def test_a_tagged_line_that_falls_silent_gives_way_and_takes_over_again(told: Results) -> None:
    assert 0 < told["outage_s"] < 10
    assert 0 < told["outage_of_return_s"] < 5
    assert told["back_after_s"] < 20


def test_a_tagged_line_comes_back_with_the_port_that_carries_it(told: Results) -> None:
    assert told["port_back_after_s"] < 60
