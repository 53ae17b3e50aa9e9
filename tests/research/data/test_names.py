"""Names that browsers and other systems have changed."""

import pytest

from research.data.names import canonical

NAME = "BTCUSDT-1m-2026-02"


@pytest.mark.parametrize(
    "changed",
    [
        NAME, f"{NAME} (1)", f"{NAME}(2)", f"{NAME} copy", f"{NAME} copy 2", f"{NAME} - Copy",
        f"{NAME} - Copy (3)", f"{NAME} 2", f"{NAME}-1", NAME.lower(),
        NAME.upper(), f"{NAME.upper()} (1)",
    ],
)  # fmt: skip
def test_a_copy_has_the_name_of_its_original(changed: str) -> None:
    assert canonical(changed) == NAME


def test_words_of_the_archive_have_their_case() -> None:
    assert canonical("btcusdt-fundingrate-2026-02") == "BTCUSDT-fundingRate-2026-02"
    assert canonical("BTCUSDT-OPENINTERESTHIST-5M-2026-02") == "BTCUSDT-openInterestHist-5m-2026-02"
    assert canonical("btc_usdt_usdt-8H-FUNDING_RATE") == "BTC_USDT_USDT-8H-funding_rate"


def test_a_month_is_no_minute() -> None:
    assert canonical("BTC_USDT_USDT-1M-futures") == "BTC_USDT_USDT-1M-futures"
