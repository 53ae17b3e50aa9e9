"""Browsers on DynamoDB: the one place of an endpoint."""

from dataclasses import replace

from signalengine_aws.channels.push.contacts import Browser, DynamoBrowsers

from tests.aws.world import World

BROWSER = Browser("https://fcm.googleapis.com/fcm/send/x", "key", "auth")


def test_a_browser_is_stored_with_since_when_it_fails(world: World) -> None:
    browsers, failing = DynamoBrowsers("subscriptions_table"), replace(BROWSER, failing_since=7)
    browsers.put(BROWSER)
    browsers.renew(failing)
    assert browsers.get(BROWSER.contact_id) == failing
    browsers.renew(BROWSER)
    assert browsers.get(BROWSER.contact_id) == BROWSER


def test_one_that_has_left_meanwhile_is_not_stored_again(world: World) -> None:
    browsers = DynamoBrowsers("subscriptions_table")
    browsers.put(BROWSER)
    browsers.remove(BROWSER.contact_id)
    browsers.renew(replace(BROWSER, failing_since=7))
    assert browsers.get(BROWSER.contact_id) is None
