"""Settings of e-mail: what the destination of the sender may be."""

import pytest
from signalengine_aws.channels.email.settings import MailSettings, read_settings
from signalengine_aws.runtime.config import ConfigError

KEY = "k" * 32
FIELDS = {"from": "signals@sender.example", "key": KEY}


def test_ses_needs_a_sender_and_a_key() -> None:
    found = read_settings("ses:", FIELDS | {"configuration_set": "signals", "open": "true"})
    assert found == MailSettings(
        "ses", "signals@sender.example", KEY.encode(), configuration_set="signals", open=True
    )
    assert found.domain == "sender.example"


@pytest.mark.parametrize(
    ("url", "fields", "port", "implicit", "tls"),
    [
        ("smtp://mail.example", {}, 587, False, True),
        ("smtp://mail.example:2525", {}, 2525, False, True),
        ("smtps://mail.example", {}, 465, True, True),
        ("smtp://127.0.0.1:25", {"tls": "plain"}, 25, False, False),
    ],
)
def test_an_smtp_server_has_a_host_a_port_and_tls(
    url: str, fields: dict[str, str], port: int, implicit: bool, tls: bool
) -> None:
    found = read_settings(url, FIELDS | fields | {"user": "u", "password": "made up"})
    assert (found.port, found.implicit_tls, found.tls) == (port, implicit, tls)
    assert not found.open
    assert "made up" not in repr(found)
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("https://mail.example", FIELDS), ("smtp://", FIELDS), ("smtp://a:99999", FIELDS),
        ("smtp://[", FIELDS), ("", FIELDS), ("ses:", FIELDS | {"from": "secret words"}),
        ("ses:", FIELDS | {"key": "short"}), ("ses:", {"from": "a@b.de"}),
    ],
)  # fmt: skip
def test_other_settings_are_refused_without_repeating_them(
    url: str, fields: dict[str, str]
) -> None:
    with pytest.raises(ConfigError, match="email:sender") as found:
        read_settings(url, fields)
    assert "secret words" not in str(found.value)


def test_credentials_change_with_the_password() -> None:
    one, other = (
        read_settings("smtp://mail.example", FIELDS | {"password": word}) for word in ("a", "b")
    )
    assert one.credentials != other.credentials
    assert (
        one.credentials
        == read_settings("smtp://mail.example", FIELDS | {"password": "a"}).credentials
    )
