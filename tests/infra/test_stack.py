"""The stack against the design: what there is, and how it is bounded."""

import json
from pathlib import Path
from typing import Any

import pytest
from pynamodb.models import Model
from signalengine_aws.channels.telegram import config as telegram_config
from signalengine_aws.runtime import config
from signalengine_aws.stores.tables import MODELS, STREAMS

from infra.assets import ROOT
from infra.names import REGION, checked_region

from .template import Resource, Template

HOUR_S = 3600
DAY_S = 24 * HOUR_S


def test_every_function_folder_is_deployed(template: Template) -> None:
    folders = {p.parent.name for p in (ROOT / "functions").glob("*/handler.py")}
    assert set(template.functions()) == folders


def test_functions_run_on_arm64_with_the_same_three_layers(template: Template) -> None:
    layers = [json.dumps(f["Layers"]) for f in template.functions().values()]
    assert len(set(layers)) == 1
    for function in template.functions().values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["arm64"]
        assert function["Handler"] == "handler.handler"
        assert len(function["Layers"]) == 3


@pytest.mark.parametrize("name", sorted(p.parent.name for p in ROOT.glob("functions/*/handler.py")))
def test_every_function_gets_the_environment_it_refuses_to_start_without(
    template: Template, name: str
) -> None:
    shape_name = "".join(word.capitalize() for word in name.split("_"))
    home = telegram_config if name.endswith("_telegram") else config
    variables = template.functions()[name]["Environment"]["Variables"]
    given = {key: "normal" for key, value in variables.items() if value != ""}
    config.load(getattr(home, shape_name), given)


@pytest.mark.parametrize("variable", sorted(MODELS))
def test_tables_mirror_the_models_of_the_functions(template: Template, variable: str) -> None:
    table, model = template.tables()[variable], MODELS[variable]
    assert keys_of(table) == (hash_name(model), range_name(model))
    assert indexes_of(table) == model_indexes(model)
    stream = table.get("StreamSpecification", {}).get("StreamViewType")
    assert stream == STREAMS.get(variable)
    expires = "TimeToLiveSpecification" in table
    assert expires == ("ttl" in model.get_attributes())


def test_there_is_no_table_without_a_model(template: Template) -> None:
    assert set(template.tables()) == set(MODELS)


def test_tables_can_be_restored_to_any_second_and_outlive_the_stack(template: Template) -> None:
    for name, resource in template.body["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            recovery = resource["Properties"]["PointInTimeRecoverySpecification"]
            assert recovery == {"PointInTimeRecoveryEnabled": True}, name
            assert resource["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
            assert resource["DeletionPolicy"] == "Retain"


def test_stream_mappings_miss_nothing_and_give_up_in_the_end(template: Template) -> None:
    streams = [(name, m) for name, m in template.mappings() if "StartingPosition" in m]
    assert sorted(name for name, _ in streams) == [
        "compute_features", "publish_signals", "score_events", "track_signals",
    ]  # fmt: skip
    for name, mapping in streams:
        assert mapping["StartingPosition"] == "TRIM_HORIZON", name
        assert mapping["BisectBatchOnFunctionError"] is True
        assert HOUR_S <= mapping["MaximumRecordAgeInSeconds"] < DAY_S
        assert "MaximumRetryAttempts" not in mapping, "a short outage would use them up"
        assert mapping["ParallelizationFactor"] == 1
        destination = mapping["DestinationConfig"]["OnFailure"]["Destination"]
        assert destination["Fn::GetAtt"][0] in template.of_type("AWS::SQS::Queue")


def test_only_the_tracker_sees_every_record_of_the_feed(template: Template) -> None:
    patterns = {
        name: [json.loads(f["Pattern"]) for f in m.get("FilterCriteria", {}).get("Filters", [])]
        for name, m in template.mappings()
    }
    assert patterns["compute_features"] == [{"data": {"kind": ["bars", "history"]}}]
    assert patterns["score_events"] == [{"eventName": ["INSERT"]}]
    assert patterns["track_signals"] == []
    assert patterns["publish_signals"] == []


def test_the_telegram_queue_is_patient(template: Template) -> None:
    queues = template.of_type("AWS::SQS::Queue")
    (waiting,) = (q for q in queues.values() if "RedrivePolicy" in q)
    timeout = template.functions()["send_telegram"]["Timeout"]
    assert waiting["MessageRetentionPeriod"] == 14 * DAY_S
    assert waiting["VisibilityTimeout"] >= 6 * timeout
    assert waiting["RedrivePolicy"]["maxReceiveCount"] == 1000
    assert all(q["MessageRetentionPeriod"] == 14 * DAY_S for q in queues.values())
    ((_, mapping),) = ((n, m) for n, m in template.mappings() if n == "send_telegram")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_telegram_hears_of_signals_only_and_live_clients_of_everything(template: Template) -> None:
    subscriptions = template.of_type("AWS::SNS::Subscription").values()
    by_protocol = {s["Protocol"]: s for s in subscriptions}
    assert by_protocol["sqs"]["FilterPolicy"] == {"kind": ["signal.opened", "signal.closed"]}
    assert by_protocol["sqs"]["RawMessageDelivery"] is True
    assert "FilterPolicy" not in by_protocol["lambda"]


def test_the_sweep_and_the_republishing_come_every_minute(template: Template) -> None:
    schedules = template.of_type("AWS::Scheduler::Schedule").values()
    assert {s["ScheduleExpression"] for s in schedules} == {"rate(1 minute)"}
    inputs = {
        template.function_of(s["Target"]["Arn"]["Fn::GetAtt"][0]): json.loads(s["Target"]["Input"])
        for s in schedules
    }
    assert inputs == {"track_signals": {"sweep": True}, "publish_signals": {"republish": True}}


def test_the_ingest_container_can_write_nothing_but_its_spool(template: Template) -> None:
    (task,) = template.of_type("AWS::ECS::TaskDefinition").values()
    (container,) = task["ContainerDefinitions"]
    assert task["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
    assert container["ReadonlyRootFilesystem"] is True
    assert container["StopTimeout"] == 120
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    (mount,) = container["MountPoints"]
    spool = {"Name": "SPOOL_DIR", "Value": mount["ContainerPath"]}
    assert spool in container["Environment"]


def test_parameters_default_to_what_aws_needs(template: Template) -> None:
    defaults = {name: p.get("Default") for name, p in template.body["Parameters"].items()}
    assert defaults["ExecuteApiBase"] == ""
    assert defaults["TelegramApiBase"] == "https://api.telegram.org"
    assert defaults["TelegramPace"] == "normal"


def test_outputs_tell_everything_a_local_run_needs(template: Template) -> None:
    assert {
        "DeadLetterQueueUrl", "FeedStreamName", "HttpApiId", "HttpUrl", "IngestRoleArn",
        "SiteBucketName", "TelegramDeadLetterQueueUrl", "TelegramQueueUrl", "TelegramSecretArn",
        "WebSocketApiId", "WebSocketStage", "WebSocketUrl",
    } <= set(template.body["Outputs"])  # fmt: skip


def test_every_record_is_archived_on_aws_in_lines_by_the_hour(template: Template) -> None:
    (delivery,) = template.of_type("AWS::KinesisFirehose::DeliveryStream").values()
    target = delivery["ExtendedS3DestinationConfiguration"]
    assert delivery["DeliveryStreamType"] == "KinesisStreamAsSource"
    assert target["CompressionFormat"] == "GZIP"
    assert target["Prefix"] == "facts/!{timestamp:yyyy/MM/dd/HH}/"
    (processor,) = target["ProcessingConfiguration"]["Processors"]
    assert processor["Type"] == "AppendDelimiterToRecord"
    resources = template.body["Resources"].values()
    (made,) = (r for r in resources if r["Type"] == "AWS::KinesisFirehose::DeliveryStream")
    assert made["Condition"] == "OnAws", "the embedded one keeps an object a record"
    bucket = template.body["Outputs"]["ArchiveBucketName"]["Value"]["Ref"]
    kept = template.body["Resources"][bucket]
    assert kept["DeletionPolicy"] == "Retain"
    rules = kept["Properties"]["LifecycleConfiguration"]["Rules"]
    assert any(rule.get("Transitions") for rule in rules)


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "ca-central-1"])
def test_regions_that_the_exchange_refuses_are_refused(region: str) -> None:
    with pytest.raises(ValueError, match="451"):
        checked_region(region)


def test_the_default_region_is_not_refused() -> None:
    assert checked_region(REGION) == REGION


def test_the_template_fits_into_cloudformation(template: Template) -> None:
    assert len(json.dumps(template.body, separators=(",", ":"))) < 1_000_000
    assert len(template.body["Resources"]) <= 500


def test_the_image_has_no_more_than_the_ingest_task(assembly: Any) -> None:
    manifest = json.loads(next(Path(assembly.folder).glob("*.assets.json")).read_text())
    (image,) = manifest["dockerImages"].values()
    context = Path(assembly.folder) / image["source"]["directory"]
    assert {p.name for p in context.iterdir()} == {"ingest_task", "layers"}


def keys_of(table: Resource) -> tuple[str, str | None]:
    by_role = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
    return by_role["HASH"], by_role.get("RANGE")


def indexes_of(table: Resource) -> dict[str, tuple[str, str | None, str, list[str]]]:
    return {
        index["IndexName"]: (
            *keys_of(index),
            index["Projection"]["ProjectionType"],
            list(index["Projection"].get("NonKeyAttributes", [])),
        )
        for index in table.get("GlobalSecondaryIndexes", [])
    }


def model_indexes(model: type[Model]) -> dict[str, tuple[str, str | None, str, list[str]]]:
    return {
        schema["index_name"]: (
            *schema_keys(schema["key_schema"]),
            schema["projection"]["ProjectionType"],
            list(schema["projection"].get("NonKeyAttributes", [])),
        )
        for schema in (index._get_schema() for index in model._indexes.values())
    }


def schema_keys(keys: list[dict[str, str]]) -> tuple[str, str | None]:
    by_role = {key["KeyType"]: key["AttributeName"] for key in keys}
    return by_role["HASH"], by_role.get("RANGE")


def hash_name(model: type[Model]) -> str | None:
    return model._hash_keyname


def range_name(model: type[Model]) -> str | None:
    return model._range_keyname
