"""The licence is shown once for each folder."""

import pytest

from research.data.binance.licence import MARKER
from tests.research.data.archive_double import get, with_binance
from tests.research.data.binance_double import Binance, VirtualTime

pytestmark = pytest.mark.enable_socket


def test_the_licence_is_shown_once_a_folder_and_stays_in_it(tmp_path, capsys):
    async def use(binance: Binance, clock: VirtualTime) -> None:
        await get(tmp_path, 1)(binance, clock)
        assert "CC" not in capsys.readouterr().out
        await get(tmp_path, 1)(binance, clock)
        assert "BY-NC-SA" not in capsys.readouterr().err
        await get(tmp_path / "other", 1)(binance, clock)
        assert "non-commercial" in capsys.readouterr().err

    with_binance(use)
    text = (tmp_path / MARKER).read_text()
    assert "Creative Commons BY-NC-SA 4.0" in text
    assert "2026-08-26" in text
