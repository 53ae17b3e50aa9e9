"""Sends the notices of the topic of alarms to the operators, by themselves and at once."""

from signalengine_aws.application.alert_telegram import alert
from signalengine_aws.messaging.records import Event
from signalengine_aws.runtime.observability import invocation


def handler(event: Event, context: object) -> None:
    with invocation(context) as line:
        for record in event["Records"]:
            notice = record["Sns"]
            alerted = alert(notice.get("Subject"), notice["Message"])
            line.count(notices=1, sent=alerted.sent)
            line.note(errors=alerted.errors or None)
