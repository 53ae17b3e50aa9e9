"""Messages that arrived."""

import asyncio

from infra.local.channels.arrivals import Arrivals
from infra.local.channels.shown import Shown, line, plain


def test_messages_are_numbered_as_they_arrive_and_have_their_whole_text() -> None:
    arrivals = Arrivals()
    fields = ((line("Entry"), plain("50")),)
    for channel in ("slack", "ntfy"):
        arrivals.add(channel, Shown("d", line("LONG"), plain("a\nb"), fields, (line("id"),)), 7)
    first, second = (one.to_dict() for one in arrivals.all)
    assert (first["number"], first["channel"], first["received_at"]) == (1, "slack", 7)
    assert (second["number"], second["channel"]) == (2, "ntfy")
    assert first["text"] == "LONG\na\nb\n50\nid"


def test_a_reader_waits_until_there_is_more_than_it_knows() -> None:
    async def reads() -> list[int]:
        arrivals, seen = Arrivals(), []
        waits = asyncio.create_task(arrivals.wait(0, 60.0))
        await asyncio.sleep(0)
        arrivals.add("slack", Shown("d"), 7)
        await waits
        seen.append(len(arrivals.all))
        await arrivals.wait(0, 60.0)
        woken = asyncio.create_task(arrivals.wait(1, 60.0))
        await asyncio.sleep(0)
        arrivals.wake()
        await woken
        await arrivals.wait(1, 0.0)
        return seen

    assert asyncio.run(reads()) == [1]
