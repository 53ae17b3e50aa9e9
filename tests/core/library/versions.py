"""Digests of the library's code and of its values, by version."""

from collections.abc import Mapping
from typing import Final

PINNED: Final[Mapping[int, Mapping[str, str]]] = {
    1: {
        "code": "48ac1e01cca7",
        "sma": "967923a63351",
        "ema": "2ab88b85063d",
        "wilder": "d101e94923d0",
        "wma": "f2166b82d691",
        "rsi": "0d79250c8458",
        "roc": "17d367260a32",
        "cci": "ae3bac6fc40a",
        "macd": "0076d076c04a",
        "stochastic": "1266adec4fcd",
        "adx": "e3fdad77b76d",
        "supertrend": "41a1cecd4858",
        "atr": "543fc6dd6f57",
        "deviation": "f06b2dee4ad2",
        "realised_volatility": "985a831f12d3",
        "zscore": "c56dd26f1907",
        "bollinger": "09bf4d7f9bfd",
        "keltner": "608d1360fd08",
        "donchian": "5893aeb076cd",
        "highest": "093f2168478c",
        "lowest": "b534929d2d92",
        "obv": "65ae0aed273d",
        "mfi": "a6aeca0db7c5",
        "vwap": "65d11b402c2d",
        "slope": "9d99b9ba205b",
        "crossed": "42bc91485cd7",
        "bars_since": "a38b4a288f75",
    },
}
