"""One SSH connection to a router: pinned host key, key login, so much time and no more, NAPALM's errors."""

import base64
import binascii
import io
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import paramiko
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from napalm.base.exceptions import (
    CommandTimeoutException,
    ConnectAuthError,
    ConnectionClosedException,
    ConnectionException,
    ConnectTimeoutError,
)

from napalm_linjevakt.exceptions import HostKeyException, reason
from napalm_linjevakt.wire import ANSWER_LIMIT, LOGIN_LIMIT, SpentError, Wire

_PIECE = 65_536  # octets read at once
# A login costs 5 ms of CPU with curve25519, 41 ms with group14 and 250 ms with the post-quantum default.
KEX = ("curve25519-sha256@libssh.org",)
_KEY_CLASSES = (
    (ed25519.Ed25519PrivateKey, paramiko.Ed25519Key),
    (ec.EllipticCurvePrivateKey, paramiko.ECDSAKey),
    (rsa.RSAPrivateKey, paramiko.RSAKey),
)
_PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Answer:
    """What a command wrote, and its exit status."""

    stdout: str
    stderr: str
    status: int


@dataclass(frozen=True)
class Login:
    """Where and as whom to log in; `host_key` as `ssh-ed25519 AAAA...` or `known_hosts` as a file.

    `connect_timeout`: seconds that all of the login may take; `timeout`: that each command may take from first to last.
    """

    host: str
    user: str
    port: int = 22
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    host_key: str = ""
    known_hosts: str = ""
    connect_timeout: float = 10.0
    timeout: float = 60.0


class Ssh:
    """A connection that runs one command a channel. Every method raises NAPALM exceptions only."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._client: paramiko.SSHClient | None = None
        self._wire: Wire | None = None

    def open(self) -> None:
        """Log in. Raises HostKeyException, ConnectAuthError, ConnectTimeoutError or ConnectionException."""
        login, client = self._login, paramiko.SSHClient()
        client.set_missing_host_key_policy(_Unpinned())
        _pin(client, login)
        try:
            with _translated(f"{login.user}@{login.host}:{login.port}", login.connect_timeout):
                self._wire = _connect(client, login)
        except ConnectionException:
            client.close()
            raise
        self._client = client

    def close(self) -> None:
        """Hang up; harmless when not connected."""
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def alive(self) -> bool:
        """Whether the SSH session still stands."""
        transport = self._client.get_transport() if self._client else None
        return transport is not None and transport.is_active()

    def run(self, command: str, stdin: str = "") -> Answer:
        """Run `command` in the router's shell. Raises ConnectionClosedException or CommandTimeoutException.

        An answer of more than ANSWER_LIMIT octets, stderr and all, ends the connection.
        """
        transport = self._client.get_transport() if self._client else None
        if transport is None or self._wire is None:
            raise ConnectionClosedException(f"not connected to {self._login.host}: call open() first")
        seconds = self._login.timeout
        with _translated(self._login.host, seconds, command), self._wire.allowing(ANSWER_LIMIT, seconds):
            return self._judged(transport, self._wire, command, stdin.encode())

    def _judged(self, transport: paramiko.Transport, wire: Wire, command: str, stdin: bytes) -> Answer:
        """Whatever paramiko makes of a wire that has ended, in whichever step: why it did."""
        try:
            return self._exchange(transport, wire, command, stdin)
        except (paramiko.SSHException, EOFError, OSError) as error:
            if wire.spent:
                raise wire.spent from error
            raise

    def _exchange(self, transport: paramiko.Transport, wire: Wire, command: str, stdin: bytes) -> Answer:
        channel = transport.open_session(timeout=wire.seconds_left)
        channel.settimeout(wire.seconds_left)
        channel.exec_command(command)
        with ThreadPoolExecutor(2) as beside:  # a router may fill one stream before it minds the others
            stderr = beside.submit(_read, channel.recv_stderr)
            beside.submit(_write, channel, stdin)
            stdout = _read(channel.recv)
        ended = channel.status_event.wait(wire.seconds_left)
        if wire.spent:
            raise wire.spent
        if not ended:
            raise TimeoutError
        if channel.exit_status < 0:
            raise ConnectionClosedException(f"{self._login.host} hung up before `{_short(command)}` had ended")
        return Answer(stdout, stderr.result(), channel.exit_status)


def load_private_key(text: str, passphrase: str = "") -> paramiko.PKey:
    """Read a private key, OpenSSH's format or PEM. Raises ConnectAuthError when it cannot be used."""
    try:
        key = _parse_private_key(text.encode(), passphrase.encode())
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
        wanted = next(mine for theirs, mine in _KEY_CLASSES if isinstance(key, theirs))
        return wanted.from_private_key(io.StringIO(plain))
    except (ValueError, TypeError) as error:
        raise ConnectAuthError(f"the private key cannot be used: {error}") from error


def _parse_private_key(data: bytes, passphrase: bytes) -> _PrivateKey:
    load = serialization.load_ssh_private_key if b"OPENSSH" in data else serialization.load_pem_private_key
    try:
        key = load(data, None)
    except TypeError:  # it is encrypted
        key = load(data, passphrase)
    if not isinstance(key, _PrivateKey):
        raise TypeError("routers take ed25519, ECDSA and RSA keys")
    return key


class _Unpinned(paramiko.RejectPolicy):
    """Refuses a host key that nobody pinned, with an error that says so."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> NoReturn:
        del client
        raise HostKeyException(f"{hostname} showed {key.get_name()} {key.fingerprint}, which is not the key pinned")


def _read(recv: Callable[[int], bytes]) -> str:
    """All until the end; what is no UTF-8 shows as such."""
    return b"".join(iter(lambda: recv(_PIECE), b"")).decode(errors="replace")


def _write(channel: paramiko.Channel, stdin: bytes) -> None:
    with suppress(OSError):  # a command that refuses early closes its input; its answer says why
        channel.sendall(stdin)
        channel.shutdown_write()


def _connect(client: paramiko.SSHClient, login: Login) -> Wire:
    key = load_private_key(login.private_key, login.passphrase)
    plain = socket.create_connection((login.host, login.port), login.connect_timeout)
    wire = Wire(fileno=plain.detach())
    seconds = login.connect_timeout
    try:
        with wire.allowing(LOGIN_LIMIT, seconds):
            client.connect(
                login.host,
                login.port,
                login.user,
                pkey=key,
                allow_agent=False,
                look_for_keys=False,
                sock=wire,
                timeout=seconds,
                banner_timeout=seconds,
                auth_timeout=seconds,
                channel_timeout=seconds,
                transport_factory=_transport,
            )
    except (SpentError, paramiko.SSHException, EOFError, OSError):
        wire.close()
        if wire.spent:
            raise wire.spent from None
        raise
    return wire


def _transport(*args: object, **kwargs: object) -> paramiko.Transport:
    transport = paramiko.Transport(*args, **kwargs)  # type: ignore[arg-type]  # handed on as SSHClient gives them
    transport.get_security_options().kex = KEX
    return transport


def _pin(client: paramiko.SSHClient, login: Login) -> None:
    if not (login.host_key or login.known_hosts):
        raise HostKeyException("pin the router's SSH host key: set optional_args host_key or known_hosts")
    try:
        if login.known_hosts:
            client.load_host_keys(str(Path(login.known_hosts).expanduser()))
        if login.host_key:
            kind, encoded = login.host_key.split()[:2]
            name = login.host if login.port == paramiko.config.SSH_PORT else f"[{login.host}]:{login.port}"
            client.get_host_keys().add(name, kind, paramiko.PKey.from_type_string(kind, base64.b64decode(encoded)))
    except (OSError, ValueError, binascii.Error, paramiko.SSHException) as error:
        raise HostKeyException(f"the pinned SSH host key cannot be read: {reason(error)}") from error


@contextmanager
def _translated(whom: str, seconds: float, command: str = "") -> Iterator[None]:
    """Paramiko's and the socket's errors as NAPALM's; `command` is empty while logging in."""
    try:
        yield
    except paramiko.BadHostKeyException as error:
        raise HostKeyException(f"{whom} showed another SSH host key than the one pinned") from error
    except paramiko.AuthenticationException as error:
        raise ConnectAuthError(f"{whom} refused our key: {error}") from error
    except SpentError as error:
        raise _spent(whom, error, command) from error
    except TimeoutError as error:
        raise _spent(whom, SpentError(f"{seconds:g} s", slow=True), command) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        if command:
            raise ConnectionClosedException(f"lost {whom} during `{_short(command)}`: {reason(error)}") from error
        raise ConnectionException(f"cannot log in to {whom}: {reason(error)}") from error


def _spent(whom: str, spent: SpentError, command: str) -> ConnectionException | CommandTimeoutException:
    """What NAPALM calls it that a router was too slow, or said too much."""
    if spent.slow:
        kind = CommandTimeoutException if command else ConnectTimeoutError
        return kind(f"{whom} did not answer{f' `{_short(command)}`' if command else ''} within {spent}")
    if command:
        return ConnectionClosedException(f"{whom} answered `{_short(command)}` with more than {spent}; hung up on it")
    return ConnectionException(f"cannot log in to {whom}: it sent more than {spent} before we were in")


def _short(command: str) -> str:
    return " ".join(command.split()[:3])
