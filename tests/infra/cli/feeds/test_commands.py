"""`feed add | list | remove`, on the secret of a stack."""

import json
from collections.abc import Iterator

import pytest

from infra.cli.deliveries import stack as stacks
from infra.cli.deliveries.stack import StackAccess
from tests.aws.world import REGION, World, new_world
from tests.infra.cli.conftest import Cli


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


@pytest.fixture(autouse=True)
def world(aws: World, monkeypatch: pytest.MonkeyPatch) -> World:
    aws.reset()
    text = json.dumps({"api_token": "t" * 24})
    aws.secrets.put_secret_value(SecretId=aws.api_secret_arn, SecretString=text)
    outputs = {
        "ApiSecretArn": aws.api_secret_arn, "ChannelsSecretArn": "arn",
        "SubscriptionsTable": "subscriptions_table", "DeliveriesTable": "deliveries_table",
    }  # fmt: skip
    access = StackAccess(outputs, {"region_name": REGION}, site="https://signals.example")
    monkeypatch.setattr(stacks, "access", lambda *_: access)
    return aws


def test_an_address_is_made_listed_and_ended(cli: Cli) -> None:
    added = cli("feed", "add", "phone", "--symbol", "btc", "--min-score", "70").out
    (atom,) = [line.split()[1] for line in added.splitlines() if "feed.atom" in line]
    begin = "https://signals.example/api/feed.atom?symbol=BTCUSDT&min_score=0.7&token="
    assert atom.startswith(begin)
    listed = json.loads(cli("feed", "list", "--json").out)["feeds"]
    assert [row["atom"].rpartition("=")[2] for row in listed] == [atom.rpartition("=")[2]]
    assert "within five minutes" in cli("feed", "remove", "phone").out
    assert "no feed readers" in cli("feed", "list").out


@pytest.mark.parametrize(
    "options",
    [("--symbol", "BTC,ETH"), ("--min-score", "100"), ("--direction", "up"), ("--symbol", "?")],
)
def test_a_filter_that_a_feed_does_not_have_is_refused(cli: Cli, options: tuple[str, str]) -> None:
    assert cli("feed", "add", "phone", *options).code != 0
    assert "no feed readers" in cli("feed", "list").out
