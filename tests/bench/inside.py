"""Runs in the controller's place of a lab and prints, as JSON, what one job there cost each time that it was done."""

import io
import json
import sys
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import paramiko

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import ansible
from tests.bench.figures import Unavailable
from tests.bench.processes import Spent, command, spent
from tests.bench.site import SHELL_PORT
from tests.registers import save_inventory

from linjevakt import settings
from linjevakt.devices import Target
from linjevakt.health import linjevakt_mib as oids
from linjevakt.health.gufo import GufoPoller
from linjevakt.main import Installation
from linjevakt.model.change import PushState

_UPLOAD = "/tmp/candidate.conf"  # noqa: S108 - on the router; nobody else is there
_COMMIT = "linjevakt-agent config load --replace {0} && linjevakt-agent config commit --message bench && rm {0}"

_OWN = {"push", "sftp", "poll"}

Job = Callable[[], Spent]


class Place:
    """A controller and one router of its fleet."""

    def __init__(self, router: str) -> None:
        self._router = router
        self._installation = Installation(settings.load())
        self._fleet = self._installation.fleet
        self._rooms = count(time.time_ns() % 10**9)

    # --- pushes: each begins with a change to the inventory, whose cost is not counted

    def push(self) -> Spent:
        """One push by a controller that runs already: login, timer, fresh login, proof, confirmation."""
        self._change()
        return spent(self._push)

    def command(self) -> Spent:
        """The command `linjevakt push`, start of Python included."""
        self._change()
        return command([str(Path(sys.executable).with_name("linjevakt")), "push", self._router, "--json"])

    def sftp(self) -> Spent:
        """The same text by SFTP and the agent's commands in one login of paramiko; no timer, no proof."""
        self._change()
        text = self._fleet.pushing.candidate(self._router).revealed().reveal()
        target = self._fleet.doors.target(self._router)
        return spent(lambda: _upload(target, text))

    def ansible(self) -> Spent:
        """The same text by Ansible's `copy` and the agent's commands by `command`; no timer, no proof."""
        self._change()
        with tempfile.TemporaryDirectory(prefix="linjevakt-bench-") as folder:
            return ansible.run(Path(folder), self._play(Path(folder)))

    # --- polls

    def poll(self) -> Spent:
        """One poll of everything that the controller wants to know."""
        target, poller = self._fleet.polling.target(self._router), GufoPoller()

        def poll() -> None:
            health = poller.poll(target)
            if not health.reachable:
                raise Unavailable(health.detail)

        return spent(poll)

    def snmpget(self) -> Spent:
        """The same by net-snmp's commands, a process for each request."""
        target = self._fleet.polling.target(self._router)
        login = ["-v3", "-l", "authPriv", "-u", target.user, "-a", "SHA-256", "-x", "AES", "-On"]
        login += ["-e", f"0x{target.engine_id}", "-3k", f"0x{target.auth_key.reveal()}"]
        login += ["-3K", f"0x{target.privacy_key.reveal()}", f"udp:{target.address}:{target.port}"]
        asked = [["snmpget", *login, *oids.SCALARS], *(["snmpbulkwalk", *login, table] for table in oids.TABLES)]
        costs = [command(argv) for argv in asked]
        return Spent(sum(cost.wall_s for cost in costs), sum(cost.cpu_s for cost in costs), "")

    # --- how

    def _push(self) -> None:
        result = self._fleet.pushing.push(self._router, 60, lambda _step: None)
        if result.state is not PushState.CONFIRMED:
            raise Unavailable(f"the push ended as {result.state}: {result.reason}")

    def _change(self) -> None:
        """Move the router to another room, which its configuration tells."""
        inventory = self._fleet.inventory
        moved = [
            site.model_copy(update={"place": site.place.model_copy(update={"room": f"{next(self._rooms)}"})})
            if site.router.name == self._router
            else site
            for site in inventory.sites
        ]
        save_inventory(self._installation.store, inventory.model_copy(update={"sites": tuple(moved)}), "bench")

    def _play(self, folder: Path) -> list[str]:
        target = self._fleet.doors.target(self._router)
        (folder / "candidate.conf").write_text(self._fleet.pushing.candidate(self._router).revealed().reveal())
        (folder / "known_hosts").write_text(f"[{target.address}]:{SHELL_PORT} {target.host_key}\n")
        key = folder / "key"
        key.touch(0o600)
        key.write_text(target.private_key.reveal())
        options = f"-F none -o UserKnownHostsFile={folder}/known_hosts -o ControlMaster=auto -o ControlPersist=5s"
        variables = {
            "ansible_host": target.address,
            "ansible_port": SHELL_PORT,
            "ansible_user": target.user,
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": options,
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_pipelining": True,
            "ansible_control_path_dir": str(folder),
        }
        tasks: list[dict[str, Any]] = [
            {"copy": {"src": str(folder / "candidate.conf"), "dest": _UPLOAD, "mode": "0600"}},
            {"shell": _COMMIT.format(_UPLOAD)},
        ]
        return ansible.play(folder, tasks, {self._router: variables}, forks=1)


def _upload(target: Target, text: str) -> None:
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(target.private_key.reveal()))
    with paramiko.SSHClient() as client:
        kind, _, pinned = target.host_key.partition(" ")
        client.get_host_keys().add(
            f"[{target.address}]:{SHELL_PORT}", kind, paramiko.PKey.from_type_string(kind, _decoded(pinned))
        )
        client.connect(
            target.address, SHELL_PORT, username=target.user, pkey=key, look_for_keys=False, allow_agent=False
        )
        with client.open_sftp() as sftp, sftp.open(_UPLOAD, "w") as file:
            file.write(text)
        _, output, errors = client.exec_command(_COMMIT.format(_UPLOAD))
        if output.channel.recv_exit_status():
            raise Unavailable(errors.read().decode())


def _decoded(key: str) -> bytes:
    return b64decode(key.split(maxsplit=1)[0])


def main() -> None:
    """Do a job of `Place` so many times, once more before where this process does it itself; print its mean cost."""
    name, router, times = sys.argv[1:]
    job: Job = getattr(Place(router), name)
    if name in _OWN:
        job()
    costs = [job() for _ in range(int(times))]
    wall, cpu = (sum(values) / len(costs) for values in zip(*((c.wall_s, c.cpu_s) for c in costs), strict=True))
    sys.stdout.write(json.dumps({"wall_s": wall, "cpu_s": cpu}) + "\n")


if __name__ == "__main__":
    main()
