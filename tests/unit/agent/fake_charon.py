"""A charon that speaks vici on a socket: its connections, SAs and log are what the test makes them."""

import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vici.protocol import Message, Packet


def framed(kind: int, body: bytes = b"", *, name: str = "") -> bytes:
    """A packet with its length; events have a name."""
    payload = struct.pack("!B", kind) + (struct.pack("!B", len(name)) + name.encode() if name else b"") + body
    return struct.pack("!I", len(payload)) + payload


class FakeCharon:
    """One connection `hub`; `initiated` is what it was asked to start, `refusing` what it then logs instead."""

    def __init__(self) -> None:
        self.children = ["management", "segment_a"]
        self.sas: list[dict[str, Any]] = []
        self.initiated: list[str] = []
        self.refusing = ""
        self.cut_off = False  # falls silent in the middle of an answer
        self._listeners: list[socket.socket] = []

    def up(self, *children: str, state: str = "ESTABLISHED") -> None:
        """Have one IKE SA with these children."""
        rows = {f"{name}-1": {"name": name, "state": "INSTALLED"} for name in children}
        ends = {"local-host": "198.51.100.2", "remote-host": "203.0.113.2"}
        self.sas = [{"state": state, "initiator": "yes", "established": "5", "child-sas": rows, **ends}]

    def say(self, message: str, connection: str = "hub") -> None:
        """Write to the log."""
        event = Message.serialize({"group": "IKE", "level": "1", "ikesa-name": connection, "msg": message})
        for channel in self._listeners:
            with suppress(OSError):
                channel.sendall(framed(Packet.EVENT, event, name="log"))

    def attend(self, channel: socket.socket) -> None:
        """Serve one client until it hangs up."""
        with channel, suppress(OSError):
            while len(header := channel.recv(4, socket.MSG_WAITALL)) == 4:
                packet = channel.recv(struct.unpack("!I", header)[0], socket.MSG_WAITALL)
                if self.cut_off:
                    channel.sendall(framed(Packet.EVENT_CONFIRM)[:3])
                    continue
                self._answer(channel, packet[0], packet[2 : 2 + packet[1]].decode(), packet[2 + packet[1] :])

    def _answer(self, channel: socket.socket, kind: int, name: str, body: bytes) -> None:
        if kind in {Packet.EVENT_REGISTER, Packet.EVENT_UNREGISTER}:
            if name == "log":
                self._listeners.append(channel)
            channel.sendall(framed(Packet.EVENT_CONFIRM))
            return
        for event, content in self._events(name):
            channel.sendall(framed(Packet.EVENT, Message.serialize(content), name=event))
        channel.sendall(framed(Packet.CMD_RESPONSE, Message.serialize(self._carried_out(name, body))))

    def _events(self, command: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if command == "list-sas":
            yield from (("list-sa", {"hub": sa}) for sa in self.sas)
        if command == "list-conns":
            yield "list-conn", {"hub": {"children": {name: {} for name in self.children}}}

    def _carried_out(self, command: str, body: bytes) -> Mapping[str, Any]:
        if command != "initiate":
            return {}
        child = next(name for name in self.children if name.encode() in body)
        self.initiated.append(child)
        if self.refusing:
            self.say(self.refusing)
        else:
            self.up(*{*self._there(), child})
        return {"success": "yes"}

    def _there(self) -> set[str]:
        return {child["name"] for sa in self.sas for child in sa["child-sas"].values()}


@contextmanager
def serving(charon: FakeCharon, path: Path) -> Iterator[None]:
    """Have it listen at `path` while the block runs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def accept() -> None:
            with suppress(OSError):
                while True:
                    channel, _ = listener.accept()
                    threading.Thread(target=charon.attend, args=(channel,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    path.unlink()
