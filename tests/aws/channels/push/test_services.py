"""Which endpoints are accepted: those of browsers' services, whatever else is written."""

import pytest
from signalengine_aws.channels.push.services import endpoint_of, id_of
from signalengine_aws.delivery.errors import RejectedError


@pytest.mark.parametrize(
    "url",
    [
        "https://fcm.googleapis.com/fcm/send/abc:APA91b",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://web.push.apple.com/QP-1",
        "https://wns2-par02p.notify.windows.com/w/?token=BQ%3d",
    ],
)
def test_a_service_of_a_browser_is_accepted(url: str) -> None:
    assert endpoint_of(url).scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/x",
        "https://evilpush.apple.com/x",
        "https://push.apple.com.evil.example/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        "https://127.0.0.1/x",
        "https://notify.windows.com.evil.example/",
        "ftp://fcm.googleapis.com/x",
        "javascript:alert(1)",
        "",
        "https://fcm.googleapis.com/" + "x" * 2_000,
    ],
)
def test_any_other_address_is_refused_without_naming_it(url: str) -> None:
    with pytest.raises(RejectedError) as caught:
        endpoint_of(url)
    assert "evil" not in str(caught.value)


def test_the_operator_may_open_one_host_and_no_other() -> None:
    assert endpoint_of("http://127.0.0.1:9/push/a", {"127.0.0.1:9"}).opened
    with pytest.raises(RejectedError):
        endpoint_of("http://127.0.0.1:8/push/a", {"127.0.0.1:9"})


def test_an_id_shows_nothing_of_its_endpoint() -> None:
    found = id_of("https://web.push.apple.com/secret")
    assert len(found) == 24
    assert found != id_of("https://web.push.apple.com/other")
