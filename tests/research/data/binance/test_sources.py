"""The address of a source: the one given, the environment's, or its own."""

import asyncio

import pytest

from research.data.binance.budget import Timing
from research.data.binance.sources import opened
from research.data.errors import DataError


def address(source, given=None):
    async def run():
        async with opened(source, given, Timing()) as client:
            return client.base_url

    return asyncio.run(run())


def test_an_address_is_given_or_of_the_environment_or_the_sources_own(monkeypatch):
    monkeypatch.delenv("BINANCE_ARCHIVE_BASE", raising=False)
    assert address("archive") == "https://data.binance.vision"
    monkeypatch.setenv("BINANCE_ARCHIVE_BASE", "http://127.0.0.1:1/")
    assert address("archive") == "http://127.0.0.1:1"
    assert address("archive", "http://127.0.0.1:2/") == "http://127.0.0.1:2"


def test_an_unknown_source_is_refused():
    with pytest.raises(DataError, match="source 'ftp': use 'archive' or 'rest'"):
        address("ftp")
