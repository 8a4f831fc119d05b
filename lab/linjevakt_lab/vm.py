"""A virtual machine with Debian's own kernel: shows what the kernel of whoever runs the lab may lack (802.1Q, ESP)."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from linjevakt_lab import image
from linjevakt_lab.errors import LabError
from linjevakt_lab.places import CACHE
from linjevakt_lab.shell import Progress, run

_INIT = Path(__file__).with_name("vm-init.sh")
_MODULES = ("arch/x86/crypto", "crypto", "drivers/net", "fs/overlayfs", "lib", "net")
"""What a router may ask its kernel for, of `/lib/modules/VERSION/kernel`."""
_NETWORK_CARDS = (
    "arcnet",
    "can",
    "dsa",
    "ethernet",
    "fddi",
    "hamradio",
    "ieee802154",
    "phy",
    "usb",
    "wireless",
    "wwan",
)
_MEMORY_MB = 2048


def kernel(progress: Progress) -> Path:
    """Return the unpacked package of Debian's kernel (`boot/vmlinuz-*`, `usr/lib/modules`), got once."""
    name = re.search(r"Depends: (linux-image-\S+)", run(["apt-cache", "depends", "linux-image-amd64"]))
    if name is None:
        raise LabError("There is no package linux-image-amd64: run apt-get update.")
    found = CACHE / name[1]
    if not found.is_dir():
        progress(f"getting {name[1]}, once")
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            _unpack(name[1], Path(folder))
            (Path(folder) / "unpacked").rename(found)
    return found


def _unpack(name: str, folder: Path) -> None:
    run(["sh", "-c", 'cd "$0" && apt-get -qq -o APT::Sandbox::User=root download "$1"', str(folder), name])
    unpacked = folder / "unpacked"
    for package in folder.glob("*.deb"):
        run(["dpkg-deb", "--extract", package, unpacked])
    for version in (unpacked / "lib" / "modules").iterdir():
        for unwanted in _unwanted(version / "kernel"):
            shutil.rmtree(unwanted)
        run(["depmod", "-b", unpacked, version.name])
    (unpacked / "lib").rename(unpacked / "usr" / "lib")  # Debian's `lib` is a link to it


def _unwanted(tree: Path) -> Iterator[Path]:
    """Yield the folders of modules that are for hardware which the machine has not."""
    wanted = [tree / name for name in _MODULES]
    for folder in sorted(path for path in tree.rglob("*") if path.is_dir()):
        below = any(folder.is_relative_to(one) or one.is_relative_to(folder) for one in wanted)
        card = folder.parent == tree / "drivers/net" and folder.name in _NETWORK_CARDS
        if folder.is_dir() and (card or not below):
            yield folder


def initramfs(target: Path, story: Path, files: Mapping[str, Path], progress: Progress) -> Path:
    """Write what the machine boots from: the box image, the modules, the lab's boxes; returns the kernel to boot.

    The machine runs `story` (Python) when it is up; `files` lie beside it in `/vm`, by their names there.
    """
    debian, unpacked = image.box_image(progress), kernel(progress)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, target.open("wb") as archive:
        top = Path(folder)
        _fill(top, story, files)
        for tree, part in ((debian, "."), (unpacked, "usr/lib"), (top, ".")):
            _pack(tree, part, archive.fileno())
    return next((unpacked / "boot").glob("vmlinuz-*"))


def _fill(top: Path, story: Path, files: Mapping[str, Path]) -> None:
    room = top / "vm"
    room.mkdir()
    shutil.copy(_INIT, top / "init")
    (top / "init").chmod(0o755)
    (top / "usr" / "sbin").mkdir(parents=True)
    (top / "usr" / "sbin" / "modprobe").symlink_to("../bin/busybox")
    shutil.copytree(Path(__file__).parent, room / "linjevakt_lab", ignore=shutil.ignore_patterns("__pycache__"))
    image.agent_layer(room / "agent")
    shutil.copy(story, room / "story.py")
    for name, source in files.items():
        (shutil.copytree if source.is_dir() else shutil.copy)(source, room / name)


def _pack(tree: Path, part: str, archive: int) -> None:
    """Append a part of the tree to the archive: the kernel unpacks one archive after the other."""
    command = 'find "$0" -print0 | cpio --null --quiet --create --format=newc'
    done = subprocess.run(
        ["sh", "-c", command, part], cwd=tree, stdout=archive, stderr=subprocess.PIPE, check=False, text=True
    )
    if done.returncode:
        raise LabError(f"cpio failed: {done.stderr.strip()}; lab/vm-packages.txt names what the machine needs.")


@contextmanager
def booted(vmlinuz: Path, archive: Path) -> Iterator["subprocess.Popen[str]"]:
    """A machine whose serial console is the process's output; it is ended with the block. Raises LabError."""
    argv = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", str(_MEMORY_MB)]
    argv += ["-nodefaults", "-nographic", "-no-reboot", "-serial", "stdio"]
    argv += ["-kernel", str(vmlinuz), "-initrd", str(archive), "-append", "console=ttyS0 quiet panic=-1 net.ifnames=0"]
    try:
        machine = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise LabError("QEMU is not installed; lab/vm-packages.txt names what the machine needs.") from error
    with machine:
        try:
            yield machine
        finally:
            machine.kill()
