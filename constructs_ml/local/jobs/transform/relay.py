"""Relay between a container in a network of its own and its run: a program that runs inside, with the standard library.

It brings the loopback interface up, passes what arrives at a socket on to the container's port, and what the container sends
to the run's port on to the run's socket. Sockets are files in a folder that only the user may enter.

Arguments: the socket to listen on, the container's port, the run's socket, the run's port, then the container's command.
"""

from __future__ import annotations

import asyncio
import fcntl
import signal
import socket
import struct
import sys

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_CHUNK = 1 << 16
_LOOPBACK = "127.0.0.1"


def raise_loopback() -> None:
    """Bring the interface ``lo`` up, which is down in a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        flags = struct.unpack("16sh", fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sh", b"lo", 0)))[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | _IFF_UP))


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy a connection's data until its end."""
    try:
        while chunk := await source.read(_CHUNK):
            target.write(chunk)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except OSError:
        target.close()  # one side has gone: the other hears of it


async def join(
    near: tuple[asyncio.StreamReader, asyncio.StreamWriter], far: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    """Join two connections, and close both at their end."""
    try:
        await asyncio.gather(copy(near[0], far[1]), copy(far[0], near[1]))
    finally:
        near[1].close()
        far[1].close()


async def main(arguments: list[str]) -> int:
    """Relay until the command ends; return its exit code."""
    own, port, gateway, gateway_port, *command = arguments
    raise_loopback()

    async def to_container(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far = await asyncio.open_connection(_LOOPBACK, int(port))
        except OSError:
            writer.close()  # it does not listen yet
            return
        await join((reader, writer), far)

    async def to_run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await join((reader, writer), await asyncio.open_unix_connection(gateway))

    await asyncio.start_unix_server(to_container, own)
    await asyncio.start_server(to_run, _LOOPBACK, int(gateway_port))
    process = await asyncio.create_subprocess_exec(*command)
    # A signal to the group reaches the command by itself; this program stays until it has ended.
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
