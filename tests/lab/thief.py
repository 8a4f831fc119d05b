"""Tries, in the controller's place and with its key, what a login at a router opens; prints the answers as JSON.

The router is named by NAPALM_HOSTNAME, NAPALM_USERNAME and NAPALM_OPTIONAL_ARGS (napalm_suite.py), commands are the
arguments.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import paramiko

from napalm_linjevakt.transport import Login, Ssh

DOORS = ("sftp", "forward", "terminal", "shell", "agent")


def said(channel: paramiko.Channel) -> str:
    """What a command wrote to both its outputs, and its exit status."""
    channel.settimeout(15)
    out, err = channel.makefile("rb").read(), channel.makefile_stderr("rb").read()
    return (out + err).decode(errors="replace") + f"[exit {channel.recv_exit_status()}]"


def ran(transport: paramiko.Transport, command: str) -> str:
    channel = transport.open_session(timeout=15)
    channel.exec_command(command)
    return said(channel)


def tried(transport: paramiko.Transport, door: str) -> str:
    """`refused`, or what was behind the door."""
    try:
        return opened(transport, door)
    except (paramiko.SSHException, EOFError, OSError) as error:
        return f"refused: {error}"


def opened(transport: paramiko.Transport, door: str) -> str:
    if door == "forward":
        transport.open_channel("direct-tcpip", ("127.0.0.1", 53), ("127.0.0.1", 1), timeout=15)
        return "a port"
    channel = transport.open_session(timeout=15)
    if door == "sftp":
        channel.invoke_subsystem("sftp")
        return str(paramiko.SFTPClient(channel).listdir("/"))
    if door == "terminal":
        channel.get_pty()
        return "a terminal"
    if door == "agent":
        channel.request_forward_agent(lambda _channel: None)
        channel.exec_command("env")
        return "an agent" if "SSH_AUTH_SOCK" in said(channel) else "refused"
    channel.invoke_shell()
    channel.sendall(b"id\n")
    channel.shutdown_write()
    return said(channel)


def main() -> None:
    options: dict[str, Any] = json.loads(os.environ["NAPALM_OPTIONAL_ARGS"])
    login = Login(
        os.environ["NAPALM_HOSTNAME"],
        os.environ["NAPALM_USERNAME"],
        private_key=Path(options["key_file"]).read_text(),
        host_key=options["host_key"],
    )
    device = Ssh(login)
    device.open()
    transport = device._client.get_transport() if device._client else None  # noqa: SLF001 - a thief asks nobody
    assert transport
    answers = {door: tried(transport, door) for door in DOORS}
    answers |= {command: ran(transport, command) for command in sys.argv[1:]}
    device.close()
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
