"""What watches the stack, on the deployed stack with IAM enforced."""

import json
import threading
import time
from typing import Any

import pytest
import requests

from infra.local.stack.system import LOCAL_CHATS

from .conftest import Played
from .waiting import TIMEOUT_S, until

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]


def test_an_alarm_reaches_the_operator(played: Played) -> None:
    """By the topic, the function that it starts, and the bot's secret alone."""
    alarm = {"AlarmName": "SignalEngine-FeedLate", "NewStateValue": "ALARM"}
    topic = played.system.outputs["AlarmTopicArn"]
    played.system.aws.client("sns").publish(TopicArn=topic, Message=json.dumps(alarm))

    def arrived() -> bool:
        rows = played.system.telegram_get("/_local/messages")["messages"]
        return any(
            row["text"].startswith("🔴 SignalEngine-FeedLate: ALARM")
            and str(row["chat_id"]) == LOCAL_CHATS[0]
            for row in rows
        )

    until(arrived, bool, "the alarm in the operator's chat")


def test_the_probe_sees_a_heartbeat_and_reads_the_health(played: Played) -> None:
    """The market is over, so a status is published by hand, and the feed may be silent by now."""
    functions = played.system.aws.client("lambda")
    (name,) = (
        found["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for found in page["Functions"]
        if "probe" in found["FunctionName"].lower()
    )
    over = threading.Event()
    publisher = threading.Thread(target=publish_statuses, args=(played, over), daemon=True)
    publisher.start()
    try:
        answer = functions.invoke(FunctionName=name, Payload=b"{}")
    finally:
        over.set()
        publisher.join(TIMEOUT_S)
    failure = json.loads(answer["Payload"].read()) or {"errorMessage": ""}
    assert failure["errorMessage"] in ("", "the health is degraded: feed silent")
    health = requests.get(f"{played.system.addresses.api}/health", timeout=30).json()
    assert health["components"]["websocket"] == "ok"
    assert {"fold", "scoring", "publication", "telegram"} <= set(health["components"])


def publish_statuses(played: Played, over: threading.Event) -> None:
    """Publish a status every second, as track_signals does of a heartbeat."""
    sns = played.system.aws.client("sns")
    (topic,) = (t["TopicArn"] for t in sns.list_topics()["Topics"] if "Signals" in t["TopicArn"])
    kind = {"kind": {"DataType": "String", "StringValue": "status"}}
    while not over.wait(1.0):
        status: dict[str, Any] = {"received_at": time.time_ns() // 1_000_000}
        body = json.dumps({"kind": "status", "status": status})
        sns.publish(TopicArn=topic, Message=body, MessageAttributes=kind)
