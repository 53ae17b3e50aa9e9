"""What each part may do, and what it may not."""

from collections import defaultdict

from infra.local.permissions.by_aws import missing

from .template import Template, flat, listed, on_aws

# Resources that have to be named by a pattern, and why.
PATTERNS = {
    "ecr:GetAuthorizationToken": "AWS offers no narrower resource: the token is the account's",
    "s3:AbortMultipartUpload": "the archive's objects are named by their time",
    "s3:DeleteObject": "the dashboard's files are named by its build",
    "s3:GetObject": "the archive's objects are named by their time",
    "s3:PutObject": "the archive's objects are named by their time, the dashboard's by its build",
    "cloudwatch:DescribeAlarms": "the list of all alarms is one call, without names",
    "execute-api:ManageConnections": "connection ids are not known before clients connect",
}


def test_no_action_is_a_pattern(template: Template) -> None:
    actions = {action for _, s in template.statements() for action in listed(s["Action"])}
    assert [action for action in actions if "*" in action] == []


def test_resources_are_patterns_only_where_there_is_a_reason(template: Template) -> None:
    for policy, statement in template.statements():
        if any("*" in flat(resource) for resource in listed(statement["Resource"])):
            for action in listed(statement["Action"]):
                assert action in PATTERNS, f"{policy} may {action} on a pattern"


def test_no_role_has_a_managed_policy(template: Template) -> None:
    for name, role in template.of_type("AWS::IAM::Role").items():
        assert "ManagedPolicyArns" not in role, f"{name} has rights nobody here wrote down"


def test_every_role_trusts_exactly_one_service_for_this_account_only(template: Template) -> None:
    own = {"StringEqualsIfExists": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    for role in template.of_type("AWS::IAM::Role").values():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert isinstance(statement["Principal"]["Service"], str)
        assert statement["Condition"] == own


def test_aws_may_do_what_it_does_with_a_role(template: Template) -> None:
    assert missing(template.body) == []


def test_no_function_may_scan_a_table_or_administer_anything(template: Template) -> None:
    allowed = {
        "dynamodb": {
            "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem",
            "DescribeStream", "GetRecords", "GetShardIterator", "ListStreams",
        },
        "kinesis": {
            "DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator",
            "ListShards", "PutRecords",
        },
        "sqs": {
            "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage",
            "SendMessage",
        },
        "ses": {"SendEmail", "SendRawEmail"},
        "sns": {"Publish"},
        "s3": {
            "AbortMultipartUpload", "DeleteObject", "GetBucketLocation", "GetObject", "ListBucket",
            "ListBucketMultipartUploads", "PutObject",
        },
        "bedrock": {"InvokeModel"},
        "logs": {"CreateLogStream", "PutLogEvents"},
        "secretsmanager": {"GetSecretValue"},
        "ssm": {"GetParameter"},
        "cloudwatch": {"DescribeAlarms"},
        "execute-api": {"ManageConnections"},
        "lambda": {"InvokeFunction"},
        "ecr": {
            "BatchCheckLayerAvailability", "BatchGetImage", "GetAuthorizationToken",
            "GetDownloadUrlForLayer",
        },
    }  # fmt: skip
    for _, statement in template.statements():
        for action in listed(statement["Action"]):
            service, name = action.split(":")
            assert name in allowed[service], action


def test_only_the_functions_that_need_it_reach_a_table(template: Template) -> None:
    """The environment variable and the right come together: neither without the other."""
    reach: dict[str, set[str]] = defaultdict(set)
    for _, statement in template.statements():
        for resource in listed(statement["Resource"]):
            reach[statement_owner(template, statement)].add(flat(resource))
    for name, function in template.functions().items():
        variables = function["Environment"]["Variables"]
        for variable, value in variables.items():
            if variable.endswith("_TABLE"):
                table = value["Ref"]
                assert any(f'"{table}"' in resource for resource in reach[name]), (
                    f"{name} knows {variable} but may do nothing with it"
                )


def statement_owner(template: Template, wanted: object) -> str:
    """Name of the function whose role has a statement; empty for other roles."""
    for policy, statement in template.statements():
        if statement is wanted:
            (role,) = template.of_type("AWS::IAM::Policy")[policy]["Roles"]
            for name, function in template.functions().items():
                if function["Role"]["Fn::GetAtt"][0] == role["Ref"]:
                    return name
    return ""


def test_the_api_only_reads_but_for_the_counter_of_calls(template: Template) -> None:
    """It has no right to the table of preferences, which has the ids of chats."""
    allowed = {
        "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "sqs:GetQueueAttributes",
        "secretsmanager:GetSecretValue", "ssm:GetParameter", "bedrock:InvokeModel",
        "logs:CreateLogStream", "logs:PutLogEvents",
    }  # fmt: skip
    variables = template.functions()["serve_api"]["Environment"]["Variables"]
    writes = {"dynamodb:UpdateItem": variables["CALLS_TABLE"]["Ref"]}
    assert "SUBSCRIPTIONS_TABLE" not in variables
    for _, statement in template.statements():
        if statement_owner(template, statement) != "serve_api":
            continue
        for action in set(listed(statement["Action"])) - allowed:
            table = writes[action]
            assert all(f'"{table}"' in flat(one) for one in listed(statement["Resource"]))


def test_only_the_bots_functions_read_telegrams_secret(template: Template, data: Template) -> None:
    """It is the key of the chats' public ids, which the open API shows."""
    arn = template.functions()["send_telegram"]["Environment"]["Variables"]["TELEGRAM_SECRET_ARN"]
    readers = {
        statement_owner(template, statement)
        for _, statement in template.statements()
        if arn in listed(statement["Resource"])
    }
    assert readers == {"send_telegram", "answer_telegram", "alert_telegram"}
    assert template.body["Parameters"][arn["Ref"]]["Default"] == "/SignalEngine/secrets/telegram"
    managed, secret_arn, parameter = data.body["Outputs"]["TelegramSecretArn"]["Value"]["Fn::If"]
    assert managed == "SecretsAreManaged"
    assert ":parameter/SignalEngine/secure/telegram" in flat(parameter)
    secret = data.of_type("AWS::SecretsManager::Secret")[secret_arn["Fn::GetAtt"][0]]
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "webhook_secret"


def test_a_secret_may_be_read_where_it_is(template: Template) -> None:
    """One right, of two that exclude each other: the secret's or the parameter's."""
    rights = {
        (template.body["Resources"][policy]["Condition"], *listed(statement["Action"]))
        for policy, statement in template.statements()
        if flat(statement["Resource"]) in ('{"Ref": "SecretsTelegram"}', '{"Ref": "SecretsApi"}')
    }
    assert rights == {
        ("SecretsAreManaged", "secretsmanager:GetSecretValue"),
        ("SecretsInParameters", "ssm:GetParameter"),
    }
    conditions = template.body["Conditions"]
    place = {"Ref": "SettingsSecrets"}
    assert conditions["SecretsAreManaged"] == {"Fn::Equals": [place, "secrets-manager"]}
    assert conditions["SecretsInParameters"] == {"Fn::Equals": [place, "parameters"]}


def test_nothing_but_the_site_is_open_to_everyone(template: Template, data: Template) -> None:
    for name, resource in (template.body["Resources"] | data.body["Resources"]).items():
        for kind in ("PolicyDocument", "AssumeRolePolicyDocument"):
            document = resource.get("Properties", {}).get(kind, {})
            for statement in map(on_aws, document.get("Statement", [])):
                if statement["Effect"] == "Deny":
                    continue
                if statement.get("Principal") in ("*", {"AWS": "*"}):
                    assert resource["Type"] == "AWS::S3::BucketPolicy", name
                    assert statement["Action"] == "s3:GetObject"
    for permission in template.of_type("AWS::Lambda::Permission").values():
        assert permission["Principal"].endswith(".amazonaws.com")
        assert "SourceArn" in permission
