"""Stored JSON in few bytes: DynamoDB charges a write by the KB, in the table and in each index.

A text of three KB takes less than one. It is divided into its numbers and what is left, which is
nearly the same in all texts of a kind, and deflated against a dictionary of such texts.
"""

import re
import zlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final

FORM: Final = 1
"""First byte of packed texts. Another dictionary, or another division, is another form."""
MAX_BYTES: Final = 4_000_000
"""Of an unpacked text: an item has 400 KB at most."""
GAP: Final = "\0"
"""In the place of a number; no JSON has it, nor `END`."""
END: Final = "\1"
_NUMBER: Final = r"(?<=[:\[,])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?=[,\]}])"
"""Compiled when it is used first: most functions only unpack."""


def packed(text: str) -> bytes:
    """Return the bytes of a JSON text, which `unpacked` reads: the same text, to the character.

    Raises ValueError for a text with control characters that no JSON has.
    """
    if GAP in text or END in text:
        raise ValueError("no JSON: it has a control character")
    numbers = ",".join(re.findall(_NUMBER, text))
    plain = re.sub(_NUMBER, GAP, text) + END + numbers
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_FILTERED, DICTIONARY)
    return bytes([FORM]) + deflate.compress(plain.encode()) + deflate.flush()


def unpacked(data: bytes) -> str:
    """Return the text that was packed; raises ValueError for damaged bytes or another form."""
    if data[:1] != bytes([FORM]):
        raise ValueError(f"packed in the form {data[:1].hex()}, this code reads {FORM:02x}")
    inflate = zlib.decompressobj(-15, DICTIONARY)
    try:
        plain = inflate.decompress(data[1:], MAX_BYTES).decode()
    except zlib.error as error:
        raise ValueError(f"damaged bytes: {error}") from error
    shape, end, numbers = plain.partition(END)
    parts, values = shape.split(GAP), numbers.split(",") if numbers else []
    if not (inflate.eof and end and len(parts) == len(values) + 1):
        raise ValueError("damaged bytes: they end too soon")
    return "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))


def text_of(value: Mapping[str, Any]) -> str:
    """Return the text of a raw attribute: packed, or plain as earlier versions stored it.

    Lambda's events have bytes as base64. Raises TypeError for an attribute of another type,
    ValueError for damaged bytes.
    """
    if "S" in value:
        return str(value["S"])
    if "B" not in value:
        raise TypeError(f"a text is an S or a B, not {'/'.join(value) or 'nothing'}")
    data = value["B"]
    return unpacked(b64decode(data) if isinstance(data, str) else bytes(data))


_PARTS: Final = (
    '"missing":["trend","liquidation","volatility","vwap","oi","structure","event"]',
    '"protections":["cooldown","stops"],"behind":{},"opinion":{"long":~,"mode":"gate","model":"',
    '"resolution":"path","touched_at":~},"tp_hit","sl_hit","expired"',
    '{"ambiguous":false,"bars_held":~,"closed_at":~,"cost":~,"exit_price":~,"funding":~,',
    '"gross_return":~,"mae":~,"mfe":~,"net_return":~,"next_open":~,"outcome":"sl_hit",',
    '"resolution":"path","touched_at":~,"v":~}',
    '{"close_time":~,"code_version":"","direction":"short","events":[',
    '"policy_digest":"","price":~,"protections":[],"quality":{"gap_s":~,"stream_age_ms":~},',
    '"reason":"cooling down for s more","reason":"no event backs a direction",',
    '"reason":"long scores 0. needed","scores":{"long":{"backed":true,"components":{"event":~,',
    '"liquidation":~,"oi":~,"structure":~,"trend":~,"volatility":~,"vwap":~},"coverage":~,',
    '"missing":[],"score":~},"short":{"backed":false,"components":{"event":~,"liquidation":~,',
    '"oi":~,"structure":~,"trend":~,"volatility":~,"vwap":~},"coverage":~,"missing":[],',
    '"score":~}},"signal_id":null,"symbol":"","verdict":"below_threshold","v":~}',
    '{"atr":~,"atr_interval":"15m","close_time":~,"code_version":"","components":{"event":~,',
    '"liquidation":~,"oi":~,"structure":~,"trend":~,"volatility":~,"vwap":~},"direction":"long",',
    '"entry_price":~,"events":[],"expires_at":~,"fee_bps":~,"market":"live","missing":[],',
    '"policy_digest":"","quality":{"gap_s":~,"stream_age_ms":~},"score":~,"settlement":null,',
    '"signal_id":"","sl_price":~,"slippage_bps":~,"symbol":"","tp_price":~,"v":~}',
    '"liq_long_usd":null,"liq_short_usd":null,"oi_delta":null,"vwap":null',
    '{"close_time":~,"context":{"atr_15m_ema":~,"event_long":~,"event_short":~,"funding_rate":~,',
    '"liq_long_5m_usd":~,"liq_short_5m_usd":~,"mark_price":~,"oi_change_15m":~,',
    '"price_change_15m":~,"quote_volume_5m":~,"room_long":~,"room_short":~,"vwap_bars":~},',
    '"events":[{"details":{"volume":~,"z":~},"direction":"short","interval":"1m",',
    '"kind":"volume_spike","strength":~},',
    '{"details":{"rate":~,"threshold":~},"direction":"short","interval":"1m",',
    '"kind":"funding_extreme","strength":~},',
    '{"details":{"share":~,"total_usd":~},"direction":"long","interval":"1m",',
    '"kind":"liquidation_cluster","strength":~},',
    '{"details":{"change":~,"price_change":~},"direction":"long","interval":"1m",',
    '"kind":"oi_expansion","strength":~},',
    '{"details":{"band":~,"close":~},"direction":"short","interval":"5m",',
    '"kind":"volatility_breakout","strength":~},',
    '{"details":{"close":~,"run_bars":~},"direction":"long","interval":"1m",',
    '"kind":"vwap_reclaim","strength":~},',
    '{"details":{"before":~,"rsi":~},"direction":"short","interval":"1m",',
    '"kind":"rsi_extreme","strength":~},',
    '{"details":{"atr":~,"spread":~},"direction":"long","interval":"1m",',
    '"kind":"ema_cross","strength":~},',
    '{"details":{"close":~,"level":~},"direction":"long","interval":"1m",',
    '"kind":"structure_break","strength":~}],"features":{',
    '"15m":{"atr":~,"bb_lower":~,"bb_mid":~,"bb_upper":~,"close":~,"ema_21":~,',
    '"ema_21_before":~,"ema_50":~,"ema_9":~,"last_break":~,"liq_long_usd":~,"liq_short_usd":~,',
    '"oi_delta":~,"poc":~,"rsi":~,"swing_high":~,"swing_low":~,"vah":~,"val":~,"volume_z":~,',
    '"vwap":~},"1h":{"atr":~,"bb_lower":~,"bb_mid":~,"bb_upper":~,"close":~,"ema_21":~,',
    '"ema_21_before":~,"ema_50":~,"ema_9":~,"last_break":~,"liq_long_usd":~,"liq_short_usd":~,',
    '"oi_delta":~,"poc":~,"rsi":~,"swing_high":~,"swing_low":~,"vah":~,"val":~,"volume_z":~,',
    '"vwap":~},"1m":{"atr":~,"bb_lower":~,"bb_mid":~,"bb_upper":~,"close":~,"ema_21":~,',
    '"ema_21_before":~,"ema_50":~,"ema_9":~,"last_break":~,"liq_long_usd":~,"liq_short_usd":~,',
    '"oi_delta":~,"poc":~,"rsi":~,"swing_high":~,"swing_low":~,"vah":~,"val":~,"volume_z":~,',
    '"vwap":~},"5m":{"atr":~,"bb_lower":~,"bb_mid":~,"bb_upper":~,"close":~,"ema_21":~,',
    '"ema_21_before":~,"ema_50":~,"ema_9":~,"last_break":~,"liq_long_usd":~,"liq_short_usd":~,',
    '"oi_delta":~,"poc":~,"rsi":~,"swing_high":~,"swing_low":~,"vah":~,"val":~,"volume_z":~,',
    '"vwap":~}},"market":"live","quality":{"gap_s":~,"stream_age_ms":~},"sent_at":~,',
    '"source":"ws","symbol":"BTCUSDT","tainted":[],"unwarm":[],"v":~}',
)
DICTIONARY: Final = "".join(_PARTS).replace("~", GAP).encode()
"""What stored texts are deflated against. It belongs to the form: never change it alone."""
