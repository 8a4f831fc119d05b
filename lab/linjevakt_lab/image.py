"""Builds what a box boots from: a Debian image, kept between labs, and the agent's files above it."""

import compileall
import fcntl
import hashlib
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from linjevakt_lab.errors import LabError
from linjevakt_lab.places import CACHE, CHECKOUT
from linjevakt_lab.shell import Progress, run, stream

SUITE = "bookworm"
_PYTHON = "3.11"  # Debian 12's
_PACKAGES = CHECKOUT / "lab" / "box-packages.txt"
_AGENT = CHECKOUT / "agent"

# Every box is a machine of its own: nothing of the build host, no keys made once for all.
_NOT_SHARED = ("etc/resolv.conf", "etc/hostname", "etc/ssh/ssh_host_*")


def box_image(progress: Progress) -> Path:
    """Return the root folder of the box image, building it (about a minute) when its ingredients have changed."""
    requirements = _requirements()
    recipe = [SUITE, _PYTHON, *_NOT_SHARED, _PACKAGES.read_text(), requirements.read_text()]
    digest = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]
    root = CACHE / f"box-{digest}"
    with _lock():
        if not root.is_dir():
            progress("building the box image, once: about a minute")
            _build(root, requirements, progress)
    return root


def agent_layer(target: Path) -> Path:
    """Fill `target` with the agent and the system files of `agent/system/rootfs`, as a router has them on its disk."""
    package = target / "opt" / "linjevakt-agent" / "linjevakt_agent"
    shutil.copytree(_AGENT / "linjevakt_agent", package, ignore=shutil.ignore_patterns("__pycache__"))
    rootfs = _AGENT / "system" / "rootfs"
    if not (rootfs / "sbin" / "linjevakt-init").is_file():
        raise LabError(f"{rootfs}/sbin/linjevakt-init is missing: a router would have nothing to start.")
    shutil.copytree(rootfs, target, symlinks=True, dirs_exist_ok=True)
    _as_debian_links_them(target)
    compileall.compile_dir(package, quiet=2)
    return target


def _as_debian_links_them(layer: Path) -> None:
    """Put `/bin`, `/sbin` and `/lib` below `/usr`: as folders of an upper layer they would hide Debian's links."""
    for name in ("bin", "sbin", "lib"):
        if (layer / name).is_dir():
            shutil.copytree(layer / name, layer / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(layer / name)


def _build(root: Path, requirements: Path, progress: Progress) -> None:
    making = root.with_name(f"{root.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        _install_debian(making, progress)
        progress("installing what the agent imports")
        _install_python(making, requirements)
        making.rename(root)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _install_debian(root: Path, progress: Progress) -> None:
    names = [line for line in _PACKAGES.read_text().split("\n") if line and not line.startswith("#")]
    stream(["mmdebstrap", "--variant=minbase", f"--include={','.join(names)}", SUITE, root], progress, keep="I: ")
    for pattern in _NOT_SHARED:
        for path in root.glob(pattern):
            path.unlink()


def _install_python(root: Path, requirements: Path) -> None:
    target = root / "usr" / "local" / "lib" / f"python{_PYTHON}" / "dist-packages"
    hashes = ["--require-hashes"] if re.search(r"--hash=", requirements.read_text()) else []
    pip: list[str | Path] = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--target", target, "--python-version", _PYTHON, "--only-binary=:all:", *hashes, "-r", requirements]
    run(pip)


def _requirements() -> Path:
    pinned = CHECKOUT / "requirements" / "agent.txt"
    return pinned if pinned.is_file() else pinned.with_suffix(".in")


@contextmanager
def _lock() -> Iterator[None]:
    """Let one build at a time; two labs share the cache."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "box.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
