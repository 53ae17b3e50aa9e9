"""Numbers of messages in queues: SQS's own approximate counts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..runtime.aws_errors import mapped

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsDepths:
    """Depths of queues; one request a queue."""

    def __init__(self, client: "SQSClient", urls: Mapping[str, str]) -> None:
        self._client = client
        self._urls = urls

    def depths(self) -> dict[str, int]:
        """Return the messages in each queue by its name here: waiting, delayed or being read."""
        return {name: self._depth(url) for name, url in self._urls.items()}

    def _depth(self, url: str) -> int:
        with mapped("read a queue's depth"):
            found = self._client.get_queue_attributes(
                QueueUrl=url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesDelayed",
                    "ApproximateNumberOfMessagesNotVisible",
                ],
            )
        return sum(int(count) for count in found["Attributes"].values())
