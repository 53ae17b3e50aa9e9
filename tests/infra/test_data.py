"""The stack of the data: what it makes, publishes and puts out."""

from signalengine_aws.stores.tables import MODELS

from infra.names import DATA_PARAMETERS

from .template import Template, flat

KINDS = {
    "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::Secret", "AWS::SSM::Parameter",
}  # fmt: skip


def test_it_has_data_and_nothing_that_runs(data: Template) -> None:
    assert {one["Type"] for one in data.body["Resources"].values()} == KINDS


def test_what_it_publishes_is_what_it_puts_out(data: Template) -> None:
    """The outputs are for people; streams and what the parameters say have none."""
    published = {flat(one["Value"]) for one in data.of_type("AWS::SSM::Parameter").values()}
    outputs = {flat(one["Value"]) for one in data.body["Outputs"].values()}
    assert outputs < published
    others = published - outputs - {flat({"Ref": name}) for name in DATA_PARAMETERS}
    assert all("StreamArn" in value for value in others)
    assert len(outputs) == len(MODELS) + 5


def test_the_data_is_encrypted_and_no_bucket_is_open(data: Template) -> None:
    (bucket,) = data.of_type("AWS::S3::Bucket").values()
    assert "BucketEncryption" in bucket
    assert all(bucket["PublicAccessBlockConfiguration"].values())
