from __future__ import annotations

from gateway.live import Live, Served
from gateway.pipeline import Pipeline


class Closings:
    def __init__(self) -> None:
        self.names: list[str] = []

    def served(self, name: str) -> Served:
        async def close() -> None:
            self.names.append(name)

        return Served(Pipeline(()), name, close)


async def test_a_graph_is_closed_when_the_last_one_has_left_it() -> None:
    closings = Closings()
    live = Live(closings.served("first"))
    async with live.held(), live.held():
        await live.replace(closings.served("second"))
        assert (live.digest, closings.names) == ("second", [])
    assert closings.names == ["first"]


async def test_a_graph_nobody_uses_is_closed_at_once() -> None:
    closings = Closings()
    live = Live(closings.served("first"))
    await live.replace(closings.served("second"))
    assert closings.names == ["first"]
    await live.aclose()
    assert closings.names == ["first", "second"]


async def test_closing_waits_for_those_who_are_still_being_answered() -> None:
    closings = Closings()
    live = Live(closings.served("only"))
    async with live.held():
        await live.aclose()
        assert closings.names == []
    assert closings.names == ["only"]
