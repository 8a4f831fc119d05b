"""A router's SSH side on loopback: a real SSH server whose commands reach the agent's real command and guard."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from linjevakt.devices import connect
from linjevakt.provisioning.push import PushTask, push

USER = "linjevakt"


def new_key() -> str:
    """A fresh private key in OpenSSH's format."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def public(private: str) -> str:
    """`ssh-ed25519 AAAA...` of a private key."""
    key = _key(private)
    return f"{key.get_name()} {key.get_base64()}"


def _key(private: str) -> paramiko.PKey:
    return paramiko.Ed25519Key.from_private_key(StringIO(private))


@dataclass
class SshServer:
    """`path` is the folder of the agent's command; `before` and `after` may `hang_up()` or wait around a command.

    `misbehave` has a command's channel to itself, as a router does that a stranger has taken over.
    """

    user_key: str
    path: Path
    host_private_key: str = field(default_factory=new_key)
    kex: tuple[str, ...] = ()
    before: Callable[[str], None] = lambda _command: None
    after: Callable[[str], None] = lambda _command: None
    misbehave: Callable[[paramiko.Channel], None] | None = None
    port: int = 0
    commands: list[str] = field(default_factory=list)
    _transports: list[paramiko.Transport] = field(default_factory=list)

    @property
    def host_key(self) -> str:
        """What a client pins."""
        return public(self.host_private_key)

    def hang_up(self) -> None:
        """As when the cable is cut or sshd dies: every connection is gone."""
        for transport in self._transports:
            transport.close()

    @contextmanager
    def running(self) -> Iterator["SshServer"]:
        """Serve on a free port of loopback while the block runs."""
        with socket.create_server(("127.0.0.1", self.port)) as listener:
            self.port = listener.getsockname()[1]
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            try:
                yield self
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                self.hang_up()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                site, _ = listener.accept()
                transport = paramiko.Transport(site)
                if self.kex:
                    transport.get_security_options().kex = self.kex
                transport.add_server_key(_key(self.host_private_key))
                self._transports.append(transport)
                with suppress(paramiko.SSHException, EOFError):
                    transport.start_server(server=_Login(self), event=threading.Event())


class _Login(paramiko.ServerInterface):
    """Takes one user with one key, and runs its commands."""

    def __init__(self, server: SshServer) -> None:
        self._server = server

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002 paramiko's signature
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = username == USER and f"{key.get_name()} {key.get_base64()}" == self._server.user_key
        return AUTH_SUCCESSFUL if known else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002 paramiko's signature
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=self._answer, args=(channel, command.decode()), daemon=True).start()
        return True

    def _answer(self, channel: paramiko.Channel, command: str) -> None:
        if self._server.misbehave is None:
            self._run(channel, command)
            return
        with suppress(OSError, EOFError, paramiko.SSHException):
            self._server.misbehave(channel)

    def _run(self, channel: paramiko.Channel, command: str) -> None:
        self._server.commands.append(command)
        self._server.before(command)
        with suppress(OSError, EOFError, paramiko.SSHException):
            given = channel.makefile("rb").read()
            environment = {**os.environ, "SSH_ORIGINAL_COMMAND": command}
            login = [str(self._server.path / "linjevakt-agent"), "login"]  # the forced command of a router's sshd
            done = subprocess.run(login, input=given, capture_output=True, env=environment, check=False)
            self._server.after(command)
            channel.sendall(done.stdout)
            channel.sendall_stderr(done.stderr)
            channel.send_exit_status(done.returncode)
            channel.close()


def push_until(order: PushTask, step: str, stopped: Path) -> None:
    """Push, and stop for good when `step` begins, telling so by the file `stopped`: for a process of its own."""

    def stop(begun: str) -> None:
        if begun == step:
            stopped.touch()
            time.sleep(3600)

    push(order, connect, no_pac, on_step=stop)


def no_pac(_pac: str, _url: str) -> str:
    """The box has no PAC file to evaluate."""
    return ""


def install_agent(root: Path) -> Path:
    """A folder with the command `linjevakt-agent` for a box whose files begin at `root`."""
    folder = root / "bin"
    folder.mkdir(parents=True)
    command = folder / "linjevakt-agent"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m linjevakt_agent --root "{root}" "$@"\n')
    command.chmod(0o755)
    return folder
