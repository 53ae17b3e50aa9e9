"""The browsers that are subscribed: the one place where an endpoint and its keys are stored.

A contact is an item of the table of preferences, in a bucket of its own that no list of
preferences reads. It is removed when the subscription ends, whoever ended it.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from pynamodb.exceptions import PutError

from ...runtime.aws_errors import CONDITION, code_of, mapped
from ...runtime.stored_fields import read_body, versioned
from ...stores.items.base import bind
from ...stores.items.subscriptions import SubscriptionItem
from .services import id_of, key_of

BUCKET: Final = "browsers"


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a browser's messages go, and the keys that they are encrypted for; all of it secret."""

    endpoint: str = field(repr=False)
    public_key: str = field(repr=False)
    """As the Push API has them: base64url."""
    auth: str = field(repr=False)
    failing_since: int = field(default=0, repr=False)
    """Since when no message could be sent (wall ms); 0 after one was, and before the first."""

    @property
    def contact_id(self) -> str:
        return id_of(self.endpoint)


class DynamoBrowsers:
    """Browsers in DynamoDB; reads of one are strongly consistent."""

    def __init__(self, table: str) -> None:
        bind(SubscriptionItem, table)

    def get(self, contact_id: str) -> Browser | None:
        with mapped("read a browser"):
            try:
                item = SubscriptionItem.get(BUCKET, key_of(contact_id), consistent_read=True)
            except SubscriptionItem.DoesNotExist:
                return None
        raw = read_body(item.body)
        return Browser(
            str(raw["endpoint"]),
            str(raw["public_key"]),
            str(raw["auth"]),
            int(raw.get("failing_since", 0)),
        )

    def put(self, browser: Browser) -> None:
        """Store a browser; again is harmless, and replaces its keys."""
        with mapped("write a browser"):
            _item(browser).save()

    def renew(self, browser: Browser) -> None:
        """Store a browser in the place of itself; one that has left meanwhile stays away."""
        with mapped("write a browser"):
            try:
                _item(browser).save(condition=SubscriptionItem.bucket.exists())
            except PutError as error:
                if code_of(error) != CONDITION:
                    raise

    def remove(self, contact_id: str) -> None:
        """Remove a browser; none is there afterwards, whether there was or not."""
        with mapped("remove a browser"):
            SubscriptionItem(bucket=BUCKET, channel=key_of(contact_id)).delete()

    def count(self, most: int) -> int:
        """Return how many there are, `most` at most."""
        with mapped("count browsers"):
            return int(SubscriptionItem.count(BUCKET, limit=most))


def contact_item(browser: Browser) -> dict[str, dict[str, str]]:
    """Return the item of a browser, as DynamoDB's client takes it."""
    return {
        "bucket": {"S": BUCKET},
        "channel": {"S": key_of(browser.contact_id)},
        "body": {"S": _body(browser)},
        "version": {"N": "1"},
    }


def _item(browser: Browser) -> SubscriptionItem:
    return SubscriptionItem(
        bucket=BUCKET, channel=key_of(browser.contact_id), body=_body(browser), version=1
    )


def _body(browser: Browser) -> str:
    values: dict[str, str | int] = {
        "endpoint": browser.endpoint, "public_key": browser.public_key, "auth": browser.auth,
    }  # fmt: skip
    if browser.failing_since:
        values["failing_since"] = browser.failing_since
    return versioned(json.dumps(values, separators=(",", ":")))
