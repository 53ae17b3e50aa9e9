"""Delivery to Telegram: the queue and its subscription."""

from tests.infra.template import Template

DAY_S = 24 * 3600


def test_the_telegram_queue_holds_a_message_for_two_weeks(template: Template) -> None:
    queues = template.of_type("AWS::SQS::Queue")
    (waiting,) = (q for q in queues.values() if "RedrivePolicy" in q)
    timeout = template.functions()["send_telegram"]["Timeout"]
    assert waiting["MessageRetentionPeriod"] == 14 * DAY_S
    assert waiting["VisibilityTimeout"] >= 6 * timeout
    assert waiting["RedrivePolicy"]["maxReceiveCount"] == 1000
    assert all(q["MessageRetentionPeriod"] == 14 * DAY_S for q in queues.values())
    ((_, mapping),) = ((n, m) for n, m in template.mappings() if n == "send_telegram")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_telegram_receives_openings_and_closings_only(template: Template) -> None:
    (subscription,) = (
        one
        for one in template.of_type("AWS::SNS::Subscription").values()
        if one["Protocol"] == "sqs"
    )
    assert subscription["FilterPolicy"] == {"kind": ["signal.opened", "signal.closed"]}
    assert subscription["RawMessageDelivery"] is True
