"""One real site for the benchmarks: a lab of their own, its hub and one router provisioned, taken down at the end."""

import json
import logging
import os
import subprocess
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from tests.bench.figures import Unavailable

from linjevakt_lab import provision
from linjevakt_lab.errors import LabError
from linjevakt_lab.lab import Lab
from linjevakt_lab.provision import Controller
from linjevakt_lab.scenario import Scenario

PREFIX = "lvbench"
HUB, ROUTER = "hub-oslo", "rtr-fjellheim"
SHELL_PORT = 2222
_SHELL = """
sed 's/.* \\(ssh-[a-z0-9]* [^ ]*\\).*/\\1/' /var/lib/linjevakt/running/authorized_keys > /etc/ssh/bench_keys
/usr/sbin/sshd -o Port={port} -o PidFile=/run/bench-sshd.pid -o ForceCommand=none -o 'Subsystem=sftp internal-sftp' \\
    -o AuthorizedKeysFile=/etc/ssh/bench_keys
nft insert rule inet linjevakt input tcp dport {port} accept
"""
_INSIDE = Path(__file__).with_name("inside.py")
log = logging.getLogger("bench")

cleanup = ExitStack()
"""Takes the lab down when it is left; whoever measures enters it first."""


@cache
def controller() -> Controller:
    """The controller of the provisioned lab. Raises Unavailable when this user or machine cannot raise one."""
    if os.geteuid() != 0:
        raise Unavailable("this part raises a lab of network namespaces, which needs root")
    try:
        lab = Lab.up(Scenario.named("example"), lambda step: log.info("lab: %s", step), prefix=PREFIX)
        cleanup.callback(lab.down)
        found = provision.found(lab)
        for router in (HUB, ROUTER):
            log.info("lab: provisioning %s", router)
            provision.stage(found, router)
        found.run("push", HUB, ROUTER)
        # A router's login is no shell: those who need one get a server of their own, on this bench alone.
        lab.run(ROUTER, ["sh", "-euc", _SHELL.format(port=SHELL_PORT)])
    except LabError as error:
        raise Unavailable(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{' '.join(map(str, error.cmd[-4:]))}: {error.stderr or error.stdout}") from error
    return found


def inside(job: str, count: int) -> dict[str, float]:
    """What `inside.py` measures in the controller's place. Raises Unavailable when it cannot."""
    found = controller()
    argv = [sys.executable, str(_INSIDE), job, ROUTER, str(count)]
    done = found.lab.run("noc", argv, timeout=300, check=False, env=found.environment)
    if done.returncode:
        raise Unavailable((done.stderr.strip() or "it said nothing").splitlines()[-1])
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def read(path: str) -> str:
    """A file of the site's router."""
    return controller().lab.run(ROUTER, ["cat", path]).stdout


def pid(pattern: str) -> int:
    """The number, within the router, of its oldest process whose command line fits."""
    return int(controller().lab.run(ROUTER, ["pgrep", "--oldest", "--full", pattern]).stdout)
