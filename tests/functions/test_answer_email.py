"""Subscribing by e-mail over the whole API, with a mail server that listens."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from signalengine.errors import PermanentError
from signalengine_aws.api.endpoints.email import ABSENT, SENT
from signalengine_aws.channels.email import wiring
from signalengine_aws.channels.email.address import id_of, key_of
from signalengine_aws.channels.email.contacts import DynamoContacts
from signalengine_aws.channels.email.links import Links
from signalengine_aws.channels.email.opt_in import PER_CALLER
from signalengine_aws.channels.push.contacts import Browser, DynamoBrowsers
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.runtime import clients

from tests.aws.world import REGION, World
from tests.functions.api_requests import Answer, ask
from tests.functions.conftest import RIGHTS, forget_processes
from tests.mail_server import RunningMail, running_mail

pytestmark = pytest.mark.enable_socket

ADDRESS = "ada@mail.example"
KEY = "k" * 32
CONTACT = id_of(ADDRESS, KEY.encode())


@pytest.fixture(scope="module")
def mail() -> Iterator[RunningMail]:
    with running_mail() as server:
        yield server


class Site:
    """The API of a stack that sends mail."""

    def __init__(self, world: World, mail: RunningMail) -> None:
        self.world, self.mail, self._before = world, mail, len(mail.mails)
        self.secrets = boto3.client("secretsmanager", REGION)
        self.arn = self.secrets.create_secret(Name="channels", SecretString="{}")["ARN"]
        self.write()

    def write(self, **fields: str) -> None:
        sender = {
            "url": self.mail.url, "from": "signals@sender.example", "key": KEY, "tls": "plain",
            "open": "true",
        } | fields  # fmt: skip
        text = json.dumps({"destinations": {"email:sender": sender}})
        self.secrets.put_secret_value(SecretId=self.arn, SecretString=text)
        wiring.destinations_of.cache_clear()

    @property
    def mails(self) -> list[Any]:
        return self.mail.mails[self._before :]

    def asked(self, address: Any = ADDRESS, **more: Any) -> Answer:
        body = json.dumps({"address": address, **more})
        return ask("/email/subscribe", method="POST", body=body)

    def token(self) -> str:
        text = self.mails[-1].get_body(("plain",)).get_content()
        found = re.search(r"https://signals\.example/api/email/confirm\?token=([\w-]+)", text)
        assert found is not None
        return found[1]


@pytest.fixture
def site(world: World, mail: RunningMail, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site(world, mail)
    monkeypatch.setenv("CHANNELS_SECRET_ARN", made.arn)
    monkeypatch.setenv("DASHBOARD_URL", "https://signals.example/")
    forget_processes()
    yield made
    made.secrets.delete_secret(SecretId=made.arn, ForceDeleteWithoutRecovery=True)
    wiring.destinations_of.cache_clear()


def post(path: str, token: str, body: str | None = None) -> Answer:
    return ask(path, {"token": token}, method="POST", body=body)


def test_an_address_subscribes_and_ends_that_itself(site: Site) -> None:
    assert site.asked().body == {"message": SENT}
    (mail,) = site.mails
    assert mail["To"] == ADDRESS
    token = site.token()
    page = ask("/email/confirm", {"token": token})
    assert (page.status, page.kind) == (200, "text/html")
    assert '<form method="post">' in page.text
    assert token not in page.text
    assert DynamoContacts("subscriptions_table").get(CONTACT) is None, "a page confirms nothing"
    assert "is subscribed" in post("/email/confirm", token).text
    assert DynamoContacts("subscriptions_table").get(CONTACT) is not None
    known = DynamoSubscriptions("subscriptions_table").get(key_of(CONTACT))
    assert known is not None
    assert known.active
    end = Links("https://x.example", KEY.encode()).unsubscribe(CONTACT).partition("token=")[2]
    assert "Unsubscribe</button>" in ask("/email/unsubscribe", {"token": end}).text
    assert DynamoContacts("subscriptions_table").get(CONTACT) is not None, "a page ends nothing"
    assert DynamoSubscriptions("subscriptions_table").get(key_of(CONTACT)) == known
    site.world.now += 1_000
    for _ in range(2):  # a mail program's own button, RFC 8058
        done = post("/email/unsubscribe", end, "List-Unsubscribe=One-Click")
        assert (done.status, done.kind) == (200, "text/html")
        assert DynamoContacts("subscriptions_table").get(CONTACT) is None
    assert post("/email/confirm", token).status == 400, "the link is from before"
    assert DynamoContacts("subscriptions_table").get(CONTACT) is None


def test_what_was_asked_for_comes_with_the_link(site: Site) -> None:
    wanted = {"symbols": ["BTCUSDT"], "quiet": [22, 7], "digest_after_quiet": True}
    assert site.asked(preferences=wanted, language="es").status == 200
    post("/email/confirm", site.token())
    known = DynamoSubscriptions("subscriptions_table").get(key_of(CONTACT))
    assert known is not None
    assert (known.symbols, known.quiet, known.digest_after_quiet) == (("BTCUSDT",), (22, 7), True)
    assert known.language == "es"
    refused = site.asked(preferences={"min_score": 2})
    assert (refused.status, refused.body["detail"].partition(":")[0]) == (400, "min_score")


def test_thirty_symbols_fit_into_a_link(site: Site) -> None:
    symbols = [f"{n:02d}{'A' * 34}USDT" for n in range(30)]
    assert (
        site.asked(f"{'a' * 60}@{'b' * 60}.example", preferences={"symbols": symbols}).status == 200
    )
    assert post("/email/confirm", site.token()).status == 200


def test_a_full_list_says_so_and_has_a_place_again(site: Site) -> None:
    offer = {"open": True, "full": False}
    assert ask("/email/subscribe").body == offer
    links = []
    for address in ("a@mail.example", ADDRESS):
        site.asked(address)
        links.append(site.token())
    site.write(most="1")
    post("/email/confirm", links[0])
    assert ask("/email/subscribe").body == offer | {"full": True}
    page = post("/email/confirm", links[1])
    assert (page.status, page.kind) == (409, "text/html")
    assert "The list is full" in page.text
    assert DynamoContacts("subscriptions_table").get(CONTACT) is None
    answers = [site.asked(one) for one in ("a@mail.example", ADDRESS, "new@mail.example")]
    assert {(one.status, one.body["detail"].partition(":")[0]) for one in answers} == {
        (429, "the list is full")
    }
    assert len(site.mails) == 2
    first = id_of("a@mail.example", KEY.encode())
    end = Links("https://x.example", KEY.encode()).unsubscribe(first).partition("token=")[2]
    post("/email/unsubscribe", end)
    assert post("/email/confirm", links[1]).status == 200
    assert DynamoContacts("subscriptions_table").count() == 1


def test_it_reaches_nothing_of_chats_and_browsers(site: Site) -> None:
    """IAM compares the partition key of each item; so does the stand-in for it."""
    chat = Subscription("telegram:-1001234")
    DynamoSubscriptions("subscriptions_table").save(chat)
    DynamoBrowsers("subscriptions_table").put(Browser("https://fcm.googleapis.com/x", "k", "a"))
    subscriptions = DynamoSubscriptions("subscriptions_table")
    for attempt in (
        lambda: subscriptions.get(chat.channel),
        lambda: subscriptions.save(replace(chat, version=1, symbols=("X",))),
        lambda: subscriptions.remove(chat.channel),
        lambda: DynamoBrowsers("subscriptions_table").get("0" * 24),
        lambda: subscriptions.all(),
    ):
        with RIGHTS.of("answer_email"), pytest.raises(PermanentError, match="AccessDenied"):
            attempt()
    assert len(RIGHTS.refused) > 2
    RIGHTS.refused.clear()
    assert subscriptions.get(chat.channel) == replace(chat, version=1)


def test_every_address_gets_the_same_answer(site: Site) -> None:
    site.asked()
    post("/email/confirm", site.token())
    site.mail.fault("error", error="no_such_mailbox", destination="nobody@mail.example")
    answers = [site.asked(one) for one in (ADDRESS, "new@mail.example", "nobody@mail.example")]
    assert len({(one.status, one.text) for one in answers}) == 1


def test_a_caller_over_the_limit_has_to_wait(site: Site) -> None:
    for n in range(PER_CALLER.times):
        assert site.asked(f"a{n}@mail.example").status == 200
    answer = site.asked("b@mail.example")
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("error", ["closing", "greylisted"])
def test_a_mail_server_that_refuses_one_address_for_now_is_not_told(site: Site, error: str) -> None:
    usual, before = site.asked("new@mail.example"), len(site.mail.recipients)
    site.mail.fault("error", error=error)
    answer = site.asked()
    assert (answer.status, answer.text) == (usual.status, usual.text)
    assert len(site.mail.recipients) == before


@pytest.mark.parametrize(
    "more", [{"address": "x"}, {"address": None}, {"address": [ADDRESS]}, {"language": "xx"}]
)
def test_what_is_no_request_is_refused_without_repeating_it(
    site: Site, more: dict[str, Any]
) -> None:
    answer = ask("/email/subscribe", method="POST", body=json.dumps({"address": ADDRESS} | more))
    assert answer.status == 400
    assert ADDRESS not in answer.text
    assert site.mails == []


@pytest.mark.parametrize("path", ["/email/confirm", "/email/unsubscribe"])
@pytest.mark.parametrize("token", ["x", "A" * 60, "é" * 50, "\udc80" * 50])
def test_another_token_does_nothing(site: Site, path: str, token: str) -> None:
    answer = post(path, token)
    assert answer.status == 400
    assert answer.body["detail"].startswith("token: ")
    assert rows_of(site.world)["SUBSCRIPTIONS_TABLE"] == "[]"


def test_others_may_ask_only_where_the_operator_has_opened_it(site: Site) -> None:
    site.write(open="false")
    answer = site.asked()
    assert (answer.status, answer.body["detail"]) == (404, ABSENT)
    assert site.mails == []


def test_a_stack_without_a_sender_offers_nothing(site: Site) -> None:
    site.secrets.put_secret_value(SecretId=site.arn, SecretString="{}")
    wiring.destinations_of.cache_clear()
    assert site.asked().status == 404
    for path in ("/email/confirm", "/email/unsubscribe"):
        assert post(path, "A" * 60).status == 404


def test_no_log_line_and_no_counter_has_the_address(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.asked()
    post("/email/confirm", site.token())
    site.mail.fault("error", error="no_such_mailbox")
    site.asked()
    assert "ada@" not in capsys.readouterr().out
    rows = {name: text for name, text in rows_of(site.world).items() if ADDRESS in text}
    assert list(rows) == ["SUBSCRIPTIONS_TABLE"]
    assert rows["SUBSCRIPTIONS_TABLE"].count(ADDRESS) == 1


def test_by_ses_the_mail_goes_out_as_its_identity(site: Site) -> None:
    sent: list[str] = []

    def answer(**call: Any) -> Any:
        sent.append(call["params"]["body"])
        return SimpleNamespace(status_code=200), {"MessageId": "one"}

    site.write(url="ses:", configuration_set="a-set")
    session = clients.session()
    session.register("before-call.sesv2.SendEmail", answer)
    try:
        assert site.asked().status == 200
    finally:
        session.unregister("before-call.sesv2.SendEmail", answer)
    assert len(sent) == 1


def rows_of(world: World) -> dict[str, str]:
    """All rows of each table, as text."""
    return {name: json.dumps(rows) for name, rows in world.everything().items()}
