"""How functions read streams."""

import json

from tests.infra.template import Template

HOUR_S = 3600
DAY_S = 24 * HOUR_S


def test_streams_are_read_from_the_oldest_record(
    template: Template,
) -> None:
    streams = [(name, m) for name, m in template.mappings() if "StartingPosition" in m]
    assert sorted(name for name, _ in streams) == [
        "compute_features", "greet_clients", "publish_signals", "score_events", "track_signals",
    ]  # fmt: skip
    for name, mapping in streams:
        assert mapping["StartingPosition"] == "TRIM_HORIZON", name
        assert mapping["BisectBatchOnFunctionError"] is True
        assert HOUR_S <= mapping["MaximumRecordAgeInSeconds"] < DAY_S
        assert "MaximumRetryAttempts" not in mapping, "a short outage would use them up"
        assert mapping["ParallelizationFactor"] == 1
        destination = mapping["DestinationConfig"]["OnFailure"]["Destination"]
        assert destination["Fn::GetAtt"][0] in template.of_type("AWS::SQS::Queue")


def test_only_track_signals_reads_the_feed_without_a_filter(template: Template) -> None:
    patterns = {
        name: [json.loads(f["Pattern"]) for f in m.get("FilterCriteria", {}).get("Filters", [])]
        for name, m in template.mappings()
    }
    assert patterns["compute_features"] == [{"data": {"kind": ["bars", "history"]}}]
    assert patterns["score_events"] == [{"eventName": ["INSERT"]}]
    new_and_pending = {"dynamodb": {"NewImage": {"pending": {"BOOL": [True]}}}}
    assert patterns["greet_clients"] == [{"eventName": ["INSERT"], **new_and_pending}]
    assert patterns["track_signals"] == []
    assert patterns["publish_signals"] == []
