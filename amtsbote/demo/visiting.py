"""One look at an address."""

import asyncio
from typing import Final

from amtsbote.net import HttpClient, Unreachable
from amtsbote.net.client import Timeouts

_TIMEOUTS: Final = Timeouts(connect=2.0, read=2.0, write=2.0, whole=3.0)


def answers(url: str) -> bool:
    """Whether the service answers there with 200."""
    return asyncio.run(_answers(url))


async def _answers(url: str) -> bool:
    async with HttpClient(timeouts=_TIMEOUTS) as http:
        try:
            answer = await http.request("GET", url)
        except Unreachable:
            return False
        return answer.status == 200
