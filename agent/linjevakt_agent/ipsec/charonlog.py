"""charon's log as it is written, over its vici socket."""

import asyncio
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vici.exception import DeserializationException
from vici.protocol import Message, Packet, Transport

_HEADER = struct.Struct("!I")  # a packet's length


async def listen(path: Path, heard: Callable[[Mapping[str, Any]], bool]) -> None:
    """Call `heard` with each event `log`: `{"group", "level", "ikesa-name", "msg", ...}`, in octets; it may end that.

    Returns also when charon goes away. Raises OSError and DeserializationException.
    """
    reader, writer = await asyncio.open_unix_connection(str(path))
    try:
        request = Packet.register_event("log")
        writer.write(_HEADER.pack(len(request)) + request)
        going_on = True
        while going_on:
            packet = Packet.parse(await _octets(reader))
            if packet.response_type == Packet.EVENT:
                going_on = heard(Message.deserialize(packet.payload))
    except asyncio.IncompleteReadError:
        return
    except (struct.error, ValueError) as error:
        raise DeserializationException(str(error)) from error
    finally:
        writer.close()


async def _octets(reader: asyncio.StreamReader) -> bytes:
    (size,) = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if size > Transport.MAX_SEGMENT:
        raise DeserializationException(f"a packet of {size} octets")
    return await reader.readexactly(size)
