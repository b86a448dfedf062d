"""A load balancer as small as one can be: every request goes to the next of several nodes, whoever sends it."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle

_HEAD = 1 << 20
"""Bytes of request line and headers at most."""
_STEP = 64 * 1024


@contextmanager
def balanced(port: int, nodes: Sequence[int]) -> Iterator[None]:
    """Answers on `port` of this machine in the name of the nodes on these ports, one after the other; where nobody is,
    the next. Nothing is changed but that the node closes after its answer, so that no client stays with a node."""
    loop, turns = asyncio.new_event_loop(), cycle(nodes)
    held: set[asyncio.Task[None] | None] = set()  # the loop holds tasks weakly

    async def forward(reader: StreamReader, writer: StreamWriter) -> None:
        held.add(asyncio.current_task())
        with suppress(ConnectionError):
            head = await _head(reader)
            from_node, to_node = await _reached([next(turns) for _ in nodes])
            to_node.write(head)
            sending = asyncio.create_task(_pump(reader, to_node))
            await _pump(from_node, writer)
            sending.cancel()
            to_node.close()
        writer.close()
        held.discard(asyncio.current_task())

    serving = loop.run_until_complete(asyncio.start_server(forward, "127.0.0.1", port, limit=_HEAD))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(serving.close)
        asyncio.run_coroutine_threadsafe(_all_ended(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _reached(nodes: Sequence[int]) -> tuple[StreamReader, StreamWriter]:
    """Raises `ConnectionError` when none is there."""
    *first, last = nodes
    for node in first:
        with suppress(ConnectionError):
            return await asyncio.open_connection("127.0.0.1", node)
    return await asyncio.open_connection("127.0.0.1", last)


async def _head(reader: StreamReader) -> bytes:
    """Request line and headers, the connection to be closed afterwards; what is no request goes on as it is."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as cut:
        return cut.partial
    first, *lines = head.split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([first, b"Connection: close", *kept])


async def _pump(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(_STEP):
            writer.write(piece)
            await writer.drain()


async def _all_ended() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
