"""A router that a stranger has taken over: whatever it sends or withholds, a command ends in time and in little memory.

Each case is a real SSH server on the loopback; the client's memory is measured in a process of its own.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko.common import cMSG_CHANNEL_DATA, cMSG_IGNORE
from tests.integration.ssh.server import SshServer, new_key, public

_TIMEOUT_S = 2.0
_SOON_S = 40.0  # the machine may be busy; without a deadline these cases take for ever, or a minute
_MEGABYTE = 1_000_000
_MEMORY = 150 * _MEGABYTE  # of which 45 MB are Python and paramiko
Misbehave = Callable[[paramiko.Channel], None]

# Says how a command on the port ended, after how many seconds, and in how much memory it was.
_CLIENT = """
import json, logging, re, sys, time
from napalm.base.exceptions import NapalmException
from napalm_linjevakt.transport import Login, Ssh
logging.getLogger("paramiko").setLevel(logging.CRITICAL)
port, host_key, stdin = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
to_log_in, timeout = float(sys.argv[4]), float(sys.argv[5])
key = sys.stdin.read()
ssh = Ssh(Login("127.0.0.1", "linjevakt", port, private_key=key, host_key=host_key,
                connect_timeout=to_log_in, timeout=timeout))
began = time.monotonic()
try:
    ssh.open()
    answer = ssh.run("linjevakt-agent prove", stdin * "x")
    said = f"{len(answer.stdout)} {len(answer.stderr)} {answer.status}"
except NapalmException as error:
    said = f"{type(error).__name__}: {error}"
seconds = time.monotonic() - began
ssh.close()
# not ru_maxrss: that begins with what the process had that started this one
most = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
print(json.dumps([said, seconds, most]))
"""


@pytest.fixture
def key() -> str:
    return new_key()


def _ask(
    port: int, host_key: str, key: str, stdin: int = 0, *, to_log_in_s: float = 30.0, timeout_s: float = _TIMEOUT_S
) -> tuple[str, float, int]:
    """What was said at the end, the seconds, and the most memory (bytes) that the client ever had."""
    argv = [sys.executable, "-c", _CLIENT, str(port), host_key, str(stdin), str(to_log_in_s), str(timeout_s)]
    done = subprocess.run(argv, input=key, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said, seconds, memory = json.loads(done.stdout)
    return said, seconds, memory


def _stream(channel: paramiko.Channel) -> None:
    for _ in range(400):
        channel.sendall(b"x" * _MEGABYTE)


def _stderr_for_ever(channel: paramiko.Channel) -> None:
    while True:
        channel.sendall_stderr(b"x" * 32_768)


def _trickle(channel: paramiko.Channel) -> None:
    while True:
        channel.sendall(b"x")
        time.sleep(0.5)


def _trickle_of_stderr(channel: paramiko.Channel) -> None:
    while True:
        channel.sendall_stderr(b"x")
        time.sleep(0.5)


def _never_exits(channel: paramiko.Channel) -> None:
    channel.sendall(b"all is well")
    channel.shutdown_write()
    time.sleep(60)


def _silent(channel: paramiko.Channel) -> None:
    del channel
    time.sleep(60)


def _say(channel: paramiko.Channel, message: paramiko.Message, often: int) -> None:
    """What no honest server says."""
    transport: Any = channel.get_transport()
    for _ in range(often):
        if not transport.is_active():
            return
        transport._send_user_message(message)  # noqa: SLF001 - there is no decent way to do it


def _past_the_window(channel: paramiko.Channel) -> None:
    """Data although the client has granted no more."""
    message = paramiko.Message()
    message.add_byte(cMSG_CHANNEL_DATA)
    message.add_int(channel.remote_chanid)
    message.add_string(b"x" * 30_000)
    _say(channel, message, 14_000)


def _noise(channel: paramiko.Channel) -> None:
    """Messages that mean nothing, for ever."""
    message = paramiko.Message()
    message.add_byte(cMSG_IGNORE)
    message.add_string(b"x" * 30_000)
    _say(channel, message, 1_000_000)


def _a_word_in_every_stream(channel: paramiko.Channel) -> None:
    """More in stderr than a window holds, before stdout: who reads one after the other waits for ever."""
    channel.makefile("rb").read()
    channel.sendall_stderr(b"e" * 5 * _MEGABYTE)
    channel.sendall(b"o" * 5 * _MEGABYTE)
    channel.send_exit_status(0)
    channel.close()


@pytest.mark.parametrize(
    ("misbehave", "stdin", "told"),
    [
        (_stream, 0, "answered `linjevakt-agent prove` with more than 16 MiB"),
        (_stderr_for_ever, 0, "answered `linjevakt-agent prove` with more than 16 MiB"),
        (_past_the_window, 0, "answered `linjevakt-agent prove` with more than 16 MiB"),
        (_noise, 0, "answered `linjevakt-agent prove` with more than 16 MiB"),
        (_trickle, 0, "did not answer `linjevakt-agent prove` within 2 s"),
        (_trickle_of_stderr, 0, "did not answer `linjevakt-agent prove` within 2 s"),
        (_never_exits, 0, "did not answer `linjevakt-agent prove` within 2 s"),
        (_silent, 0, "did not answer `linjevakt-agent prove` within 2 s"),
        (_silent, 8 * _MEGABYTE, "did not answer `linjevakt-agent prove` within 2 s"),
    ],
)
def test_no_answer_is_endless(key: str, tmp_path: Path, misbehave: Misbehave, stdin: int, told: str) -> None:
    # what is cut by its size shall not be cut by the clock of a busy machine first
    timeout_s = _TIMEOUT_S if "within" in told else 20.0
    with SshServer(public(key), tmp_path, misbehave=misbehave).running() as server:
        said, seconds, memory = _ask(server.port, server.host_key, key, stdin, timeout_s=timeout_s)
    assert told in said
    assert seconds < (_SOON_S if "within" in told else timeout_s + 30.0)
    assert memory < _MEMORY


def test_all_streams_are_read_side_by_side(key: str, tmp_path: Path) -> None:
    with SshServer(public(key), tmp_path, misbehave=_a_word_in_every_stream).running() as server:
        said, _, memory = _ask(server.port, server.host_key, key, 8 * _MEGABYTE, timeout_s=20.0)
    assert said == "5000000 5000000 0"
    assert memory < _MEMORY


def _banner_for_ever(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"x" * 65_536)


def _lines_for_ever(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"welcome to this router\r\n")
        time.sleep(0.1)


def _banner_trickle(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"S")
        time.sleep(0.5)


def _huge_packet(peer: socket.socket) -> None:
    """The first packet says that it is 4 GB long; nobody has shown a host key yet."""
    peer.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n\xff\xff\xff\xfc\x04" + b"\x14" * 3)
    _banner_for_ever(peer)


def _no_key_exchange(peer: socket.socket) -> None:
    peer.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    time.sleep(60)


@contextmanager
def _listening(say: Callable[[socket.socket], None]) -> Iterator[int]:
    def accept() -> None:
        with suppress(OSError):
            peer, _ = listener.accept()
            with peer:
                say(peer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("say", [_banner_for_ever, _lines_for_ever, _banner_trickle, _huge_packet, _no_key_exchange])
def test_no_login_is_endless(key: str, say: Callable[[socket.socket], None]) -> None:
    with _listening(say) as port:
        said, seconds, memory = _ask(port, public(new_key()), key, to_log_in_s=_TIMEOUT_S)
    assert said.startswith(("ConnectTimeoutError", "ConnectionException", "ConnectionClosedException")), said
    assert "log in" in said or "did not answer" in said or "more than" in said
    assert seconds < _SOON_S
    assert memory < _MEMORY
