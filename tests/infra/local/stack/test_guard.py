"""An embedded AWS that is attacked from outside, by another user of this machine or by a page."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.stack.ministack import MiniStack
from infra.names import REGION

pytestmark = [pytest.mark.flow, pytest.mark.enable_socket]
OPEN, CLOSED = "open-bucket", "closed-bucket"
PROXY: Final = 4_567
"""The port of a proxy before it; nothing listens there."""
EVERYONE: Final = {
    "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{OPEN}/*",
}  # fmt: skip
FOREIGN_HOSTS: Final = (
    "evil.example", "127.evil.example", "127.0.0.1.nip.example", "localhost.evil", "10.0.0.1",
    "[::2]", "0.0.0.0", "sqs.ap-northeast-1.amazonaws.com",  # noqa: S104 - not bound
)  # fmt: skip


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    log = tmp_path_factory.mktemp("logs") / "aws.log"
    ministack = MiniStack(log=log, proxies=[PROXY])
    ministack.start()
    try:
        s3 = client(ministack, "s3")
        for bucket in (OPEN, CLOSED):
            s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
            s3.put_object(Bucket=bucket, Key="index.html", Body=b"page")
        s3.put_public_access_block(Bucket=OPEN, PublicAccessBlockConfiguration={
            "BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False})  # fmt: skip
        policy = {"Version": "2012-10-17", "Statement": [EVERYONE]}
        s3.put_bucket_policy(Bucket=OPEN, Policy=json.dumps(policy))
        client(ministack, "secretsmanager").create_secret(Name="telegram", SecretString="hidden")
        yield ministack
        untouched(ministack)
    finally:
        ministack.stop()


def client(aws: MiniStack, service: str, key: str = "", secret: str = "") -> Any:
    return boto3.client(  # type: ignore[call-overload]  # the name is not a literal here
        service, endpoint_url=aws.endpoint, region_name=REGION,
        aws_access_key_id=key or aws.keys.access_key_id,
        aws_secret_access_key=secret or aws.keys.secret_access_key,
    )  # fmt: skip


def untouched(aws: MiniStack) -> None:
    """No attack changed anything."""
    s3 = client(aws, "s3")
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [CLOSED, OPEN]
    for bucket in (OPEN, CLOSED):
        assert s3.get_object(Bucket=bucket, Key="index.html")["Body"].read() == b"page"
        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    assert client(aws, "lambda").list_functions()["Functions"] == []
    secret = client(aws, "secretsmanager").get_secret_value(SecretId="telegram")
    assert secret["SecretString"] == "hidden"


def raw(aws: MiniStack, request: str, **headers: str) -> tuple[int, str]:
    """Send a request as it is written; return the status and the whole answer, in lower case."""
    lines = [request, *(f"{name.replace('_', '-')}: {text}" for name, text in headers.items())]
    data = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")
    with socket.create_connection(("127.0.0.1", aws.port), timeout=10) as connection:
        connection.sendall(data)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    return int(answer.split(b" ", 2)[1]), answer.decode("latin-1").lower()


def named(aws: MiniStack, key: str, service: str = "secretsmanager") -> str:
    """The Authorization of a request whose signature is anything."""
    day = datetime.now(UTC).strftime("%Y%m%d")
    scope = f"{key}/{day}/{REGION}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"


def own(aws: MiniStack) -> str:
    return f"localhost:{aws.port}"


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
@pytest.mark.parametrize("request_line", ["GET /{0}/index.html", "POST /", "OPTIONS /", "PUT /x/y"])
def test_a_foreign_host_is_refused(aws: MiniStack, host: str, request_line: str) -> None:
    line = f"{request_line.format(OPEN)} HTTP/1.1"
    for written in (host, f"{host}:{aws.port}"):
        status, answer = raw(aws, line, Host=written)
        assert (status, "access-control" in answer) == (403, False)


def test_the_host_of_its_own_proxy_is_accepted_and_no_other_of_that_port(aws: MiniStack) -> None:
    line = "GET /_ministack/health HTTP/1.1"
    assert raw(aws, line, Host=f"127.0.0.1:{PROXY}")[0] == 200
    assert raw(aws, line, Host=f"127.0.0.1:{PROXY + 1}")[0] == 403
    for host in FOREIGN_HOSTS:
        assert raw(aws, line, Host=f"{host}:{PROXY}")[0] == 403
    page = {"Origin": "http://evil.example"}
    assert raw(aws, line, Host=f"127.0.0.1:{PROXY}", **page)[0] == 403


def test_a_host_is_needed(aws: MiniStack) -> None:
    assert raw(aws, f"GET /{OPEN}/index.html HTTP/1.0")[0] == 403
    assert raw(aws, f"GET /{OPEN}/index.html HTTP/1.1")[0] in (400, 403)
    assert raw(aws, f"GET /{OPEN}/index.html HTTP/1.1", Host=own(aws), host="evil.example")[0] in (
        400, 403,
    )  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
     {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}],
    ids=lambda page: " ".join(page.values()),
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_page_of_another_origin_is_refused(
    aws: MiniStack, method: str, page: dict[str, str]
) -> None:
    asked = {"Access_Control_Request_Method": "POST"} if method == "OPTIONS" else {}
    paths = ("/", f"/{OPEN}/index.html", "/_aws/execute-api/abc/live/health", "/_ministack/health")
    for path in paths:
        status, answer = raw(aws, f"{method} {path} HTTP/1.1", Host=own(aws), **page, **asked)
        assert (status, "access-control" in answer) == (403, False), path


@pytest.mark.parametrize(
    "key", ["", "test", "000000000000", "123456789012", "ASIAAAAAAAAAAAAAAAAA", "١٢٣٤٥٦٧٨٩٠١٢"]
)
def test_only_this_runs_key_opens_a_service(aws: MiniStack, key: str) -> None:
    as_sent = key.encode().decode("latin-1")
    target = {"X_Amz_Target": "secretsmanager.GetSecretValue", "Content_Length": "0"}
    signed = {"Authorization": named(aws, as_sent)} if key else {}
    for request in ("POST /", "PUT /new-bucket", f"DELETE /{CLOSED}/index.html",
                    f"GET /{CLOSED}/index.html", "GET /2015-03-31/functions"):  # fmt: skip
        status, answer = raw(aws, f"{request} HTTP/1.1", Host=own(aws), **target, **signed)
        assert (status, "hidden" in answer) == (403, False), request
    query = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={key}/20260101/{REGION}/s3/x"
    for query_signed in (query, f"AWSAccessKeyId={key}&Signature=x&Expires=9999999999"):
        line = f"PUT /{CLOSED}/index.html?{query_signed} HTTP/1.1"
        assert raw(aws, line.encode().decode("latin-1"), Host=own(aws), Content_Length="0")[0] in (
            400, 403,
        )  # fmt: skip


def test_two_authorizations_are_refused(aws: MiniStack) -> None:
    line = "GET /2015-03-31/functions HTTP/1.1"
    owner, other = named(aws, aws.keys.access_key_id, "lambda"), named(aws, "test", "lambda")
    for first, second in ((owner, other), (other, owner)):
        status, _ = raw(aws, line, Host=own(aws), Authorization=first, authorization=second)
        assert status == 403


@pytest.mark.parametrize("secret", ["test", ""])
def test_sdks_with_the_well_known_key_are_refused(aws: MiniStack, secret: str) -> None:
    with pytest.raises(ClientError, match=r"403|Forbidden"):
        client(aws, "secretsmanager", "test", secret).get_secret_value(SecretId="telegram")


@pytest.mark.parametrize(
    "path",
    ["/_ministack/reset", "/_ministack/config", "/_ministack/sqs/messages", "/_ministack/ready",
     "/_localstack/health", "/health", "/_ministack/lambda-code/x", "//_ministack/reset",
     "/%5Fministack/reset", "/_ministack/./reset", "/_ministack/cfn-response/x"],
)  # fmt: skip
def test_administration_is_closed_even_to_the_owner(aws: MiniStack, path: str) -> None:
    for method in ("GET", "POST", "PUT", "OPTIONS"):
        signed = {"Authorization": named(aws, aws.keys.access_key_id)}
        for headers in ({}, signed if path.startswith(("/_", "/h")) else {}):
            line = f"{method} {path} HTTP/1.1"
            assert raw(aws, line, Host=own(aws), Content_Length="0", **headers)[0] == 403


def test_no_one_else_reads_a_bucket_even_if_its_policy_says_so(aws: MiniStack) -> None:
    for line in (f"GET /{OPEN}/index.html", f"HEAD /{OPEN}/index.html", f"GET /{OPEN}",
                 f"GET /{OPEN}?acl", f"PUT /{OPEN}/index.html", f"POST /{OPEN}/x",
                 f"DELETE /{OPEN}/index.html", f"GET /{CLOSED}/index.html", "GET /"):  # fmt: skip
        assert raw(aws, f"{line} HTTP/1.1", Host=own(aws), Content_Length="0")[0] == 403, line
    status, answer = raw(aws, f"GET /{OPEN}/index.html HTTP/1.1", Host=own(aws))
    assert (status, "cross-origin-resource-policy: same-origin" in answer) == (403, True)


def test_no_page_arrives_here_from_a_link(aws: MiniStack) -> None:
    arrival = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    for place in ("document", "iframe", "object"):
        headers = arrival | {"Sec_Fetch_Dest": place}
        assert raw(aws, f"GET /{OPEN}/index.html HTTP/1.1", Host=own(aws), **headers)[0] == 403


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/_aws/execute-api/abc/live", {"Origin": "http://evil.example"}),
        ("/_aws/execute-api/abc/live", {"Host": "evil.example"}),
        ("/mqtt", {"Sec_WebSocket_Protocol": "mqtt"}), ("/", {}),
    ],
)  # fmt: skip
def test_a_websocket_is_refused(aws: MiniStack, path: str, headers: dict[str, str]) -> None:
    upgrade = {
        "Host": own(aws), "Connection": "Upgrade", "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }  # fmt: skip
    assert raw(aws, f"GET {path} HTTP/1.1", **(upgrade | headers))[0] == 403


def test_calls_to_websocket_clients_are_signed(aws: MiniStack) -> None:
    for path in ("/_aws/execute-api/abc/live/@connections/x", "/restapis/a/b/_user_request_/c"):
        line = f"POST {path} HTTP/1.1"
        assert raw(aws, line, Host=own(aws), Content_Length="0")[0] == 403


def test_keys_differ_from_run_to_run_and_are_in_no_command_line(tmp_path: Path) -> None:
    one, other = MiniStack(log=tmp_path / "a.log"), MiniStack(log=tmp_path / "b.log")
    assert one.keys.access_key_id != other.keys.access_key_id
    assert one.keys.secret_access_key != other.keys.secret_access_key
