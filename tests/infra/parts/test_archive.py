"""The archive of the stream."""

from tests.infra.template import Template


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


def test_the_archives_bucket_outlives_the_code_and_becomes_cheaper(data: Template) -> None:
    bucket = data.body["Outputs"]["ArchiveBucketName"]["Value"]["Ref"]
    retained = data.body["Resources"][bucket]
    assert retained["DeletionPolicy"] == "RetainExceptOnCreate"
    rules = retained["Properties"]["LifecycleConfiguration"]["Rules"]
    assert any(rule.get("Transitions") for rule in rules)
