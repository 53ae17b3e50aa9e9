"""The local system's settings of the real Telegram."""

import pytest

from infra.errors import CommandError
from infra.local.stack.system import real_telegram


def test_half_of_a_real_telegram_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_CHAT_ID", raising=False)
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:secret")
    with pytest.raises(CommandError, match="set TELEGRAM_CHAT_ID too") as caught:
        real_telegram()
    assert "secret" not in str(caught.value)
    monkeypatch.setenv("TELEGRAM_CHAT_ID", "42")
    assert real_telegram() == ("1:secret", "42")
