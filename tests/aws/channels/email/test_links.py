"""Links in mails: to the API below the dashboard's address, or none."""

import pytest
from signalengine_aws.channels.email.links import Links

from tests.aws.channels.email.samples import ADDRESS, CONTACT, KEY, NOW


@pytest.mark.parametrize("site", ["https://signals.example/", "https://signals.example"])
def test_a_link_is_below_the_dashboards_address(site: str) -> None:
    links = Links(site, KEY)
    assert links.confirm(ADDRESS, NOW).startswith(
        "https://signals.example/api/email/confirm?token="
    )
    assert links.unsubscribe(CONTACT).startswith(
        "https://signals.example/api/email/unsubscribe?token="
    )
    assert KEY.decode() not in repr(links)


def test_without_the_dashboards_address_there_is_no_link() -> None:
    assert Links("", KEY).unsubscribe(CONTACT) == ""
