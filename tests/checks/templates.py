"""For each rule a stack that trips it, and one just beside it that does not, of L1 types.

Some are of this library, where it makes what an L1 type would not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import aws_cdk as cdk
from aws_cdk import (
    aws_cloudwatch,
    aws_iam,
    aws_ivs,
    aws_lambda,
    aws_s3,
    aws_secretsmanager,
    aws_ssm,
)

import ivs_constructs as ivs

Build = Callable[[cdk.Stack], object]


class Case(NamedTuple):
    """A rule, what trips it, and what does not."""

    rule: str
    trips: Build
    passes: Build


def channel(stack: cdk.Stack, **properties: object) -> aws_ivs.CfnChannel:
    settings: dict[str, object] = {"authorized": False, **properties}
    return aws_ivs.CfnChannel(stack, "Channel", **settings)  # type: ignore[arg-type]  # by name


NO_VALUE = {"Ref": "AWS::NoValue"}


def chosen(one: object, other: object) -> object:
    """What a condition decides at deploy time."""
    return {"Fn::If": ["Chosen", one, other]}


def conditional(stack: cdk.Stack, name: str, value: object) -> object:
    cdk.CfnCondition(stack, "Chosen", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "x"))
    made = channel(stack)
    made.add_property_override(name, value)
    return made


def key_pair(stack: cdk.Stack, material: str) -> object:
    return aws_ivs.CfnPlaybackKeyPair(stack, "Pair", public_key_material=material)


def private(stack: cdk.Stack) -> object:
    channel(stack, authorized=True)
    parameter = cdk.CfnParameter(stack, "Pem")
    return key_pair(stack, parameter.value_as_string)


def restriction(stack: cdk.Stack, strict: bool | None) -> object:
    return aws_ivs.CfnPlaybackRestrictionPolicy(
        stack,
        "Policy",
        allowed_countries=[],
        allowed_origins=["https://example.com"],
        enable_strict_origin_enforcement=strict,
    )


TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def recorded(
    stack: cdk.Stack, *statements: object, realtime: bool = False, **bucket: object
) -> aws_s3.CfnBucket:
    made = aws_s3.CfnBucket(stack, "Bucket", **bucket)  # type: ignore[arg-type]  # by name
    if statements:
        aws_s3.CfnBucketPolicy(
            stack, "BucketPolicy", bucket=made.ref, policy_document={"Statement": list(statements)}
        )
    if realtime:
        s3 = aws_ivs.CfnStorageConfiguration.S3StorageConfigurationProperty(bucket_name=made.ref)
        aws_ivs.CfnStorageConfiguration(stack, "Storage", s3=s3)
        return made
    recording(stack, made.ref)
    return made


def recording(stack: cdk.Stack, bucket_name: str, *, used: bool = True) -> object:
    of = aws_ivs.CfnRecordingConfiguration
    configuration = of(
        stack,
        "Recording",
        destination_configuration=of.DestinationConfigurationProperty(
            s3=of.S3DestinationConfigurationProperty(bucket_name=bucket_name)
        ),
    )
    if used:
        channel(stack, recording_configuration_arn=configuration.attr_arn)
    return configuration


def encrypted(algorithm: str) -> object:
    of = aws_s3.CfnBucket
    default = of.ServerSideEncryptionByDefaultProperty(sse_algorithm=algorithm)
    rule = of.ServerSideEncryptionRuleProperty(server_side_encryption_by_default=default)
    return of.BucketEncryptionProperty(server_side_encryption_configuration=[rule])


def elsewhere(stack: cdk.Stack, region: str) -> object:
    there = cdk.Stack(
        stack.node.root,  # type: ignore[arg-type]  # the app
        "There",
        env=cdk.Environment(region=region, account="111122223333"),
    )
    aws_s3.CfnBucket(there, "Far", bucket_name="recordings")
    aws_s3.CfnBucketPolicy(
        there, "FarPolicy", bucket="recordings", policy_document={"Statement": [TLS_ONLY]}
    )
    return recording(stack, "recordings")


def stream_key(stack: cdk.Stack) -> str:
    made = aws_ivs.CfnStreamKey(stack, "Key", channel_arn=channel(stack).attr_arn)
    return made.attr_value


def kept_key(stack: cdk.Stack) -> object:
    return aws_secretsmanager.CfnSecret(stack, "Secret", secret_string=stream_key(stack))


def key_in_environment(stack: cdk.Stack) -> object:
    return aws_lambda.CfnFunction(
        stack,
        "Function",
        code=aws_lambda.CfnFunction.CodeProperty(zip_file="pass"),
        role="arn:aws:iam::111122223333:role/r",
        environment=aws_lambda.CfnFunction.EnvironmentProperty(
            variables={"KEY": stream_key(stack)}
        ),
    )


def unwrapped(stack: cdk.Stack) -> str:
    """What somebody gets who takes the value out of a StreamKey's secret."""
    key = ivs.StreamKey(stack, "StreamKey", channel=channel(stack))
    return key.secret.secret_value.unsafe_unwrap()


def function(stack: cdk.Stack, value: str) -> object:
    return aws_lambda.CfnFunction(
        stack,
        "Function",
        code=aws_lambda.CfnFunction.CodeProperty(zip_file="pass"),
        role="arn:aws:iam::111122223333:role/r",
        environment=aws_lambda.CfnFunction.EnvironmentProperty(variables={"KEY": value}),
    )


def unwrapped_key_in_environment(stack: cdk.Stack) -> object:
    return function(stack, unwrapped(stack))


def unwrapped_key_in_output(stack: cdk.Stack) -> object:
    return cdk.CfnOutput(stack, "Output", value=unwrapped(stack))


def unwrapped_key_in_text(stack: cdk.Stack) -> object:
    return function(stack, f"rtmps://example.com/app/{unwrapped(stack)}")


def unwrapped_key_in_another_stack(stack: cdk.Stack) -> object:
    inner = cdk.NestedStack(stack, "Inner")
    return function(inner, unwrapped(stack))


def key_by_the_name_of_its_secret(stack: cdk.Stack) -> object:
    aws_secretsmanager.CfnSecret(stack, "Secret", name="live/key", secret_string=stream_key(stack))
    return function(stack, "{{resolve:secretsmanager:live/key:SecretString}}")


def key_by_a_variable_of_sub(stack: cdk.Stack) -> object:
    secret = aws_secretsmanager.CfnSecret(stack, "Secret", secret_string=stream_key(stack))
    reference = "{{resolve:secretsmanager:${Kept}:SecretString}}"
    return function(stack, cdk.Fn.sub(reference, {"Kept": secret.ref}))


def key_by_a_part_of_an_arn(stack: cdk.Stack) -> object:
    name = ivs.StreamKey(stack, "StreamKey", channel=channel(stack)).secret.secret_name
    return cdk.CfnOutput(stack, "Output", value=f"{{{{resolve:secretsmanager:{name}}}}}")


def other_secret_unwrapped(stack: cdk.Stack) -> object:
    kept_key(stack)
    other = aws_secretsmanager.Secret(stack, "Other")
    return function(stack, other.secret_value.unsafe_unwrap())


def exported_key(stack: cdk.Stack) -> object:
    return cdk.CfnOutput(stack, "Output", value=stream_key(stack), export_name="key")


def ingest_key_in_parameter(stack: cdk.Stack) -> object:
    ingest = aws_ivs.CfnIngestConfiguration(stack, "Ingest", ingest_protocol="RTMPS")
    key = cdk.Token.as_string(ingest.get_att("StreamKey"))
    return aws_ssm.CfnParameter(stack, "Parameter", type="String", value=f"x{key}")


def allows(
    stack: cdk.Stack, action: object, resource: object, condition: object | None = None
) -> object:
    statement: dict[str, object] = {"Effect": "Allow", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return aws_iam.CfnManagedPolicy(
        stack, "Allows", policy_document={"Version": "2012-10-17", "Statement": [statement]}
    )


def with_managed(stack: cdk.Stack, name: str) -> object:
    return aws_iam.Role(
        stack,
        "Role",
        assumed_by=aws_iam.AccountRootPrincipal(),
        managed_policies=[aws_iam.ManagedPolicy.from_aws_managed_policy_name(name)],
    )


def permission_set(stack: cdk.Stack, action: str) -> object:
    statement = {"Effect": "Allow", "Action": action, "Resource": ONE}
    return cdk.CfnResource(
        stack,
        "Set",
        type="AWS::SSO::PermissionSet",
        properties={"InlinePolicy": json.dumps({"Statement": [statement]})},
    )


def asked_for(stack: cdk.Stack, action: str) -> str:
    """What the AWS CDK's custom resource for API calls answers."""
    made = cdk.CfnResource(
        stack,
        "Asked",
        type="Custom::AWS",
        properties={"Create": json.dumps({"service": "ivs", "action": action})},
    )
    return made.get_att("streamKey.value").to_string()


ONE = "arn:aws:ivs:eu-west-1:111122223333:stage/abcdefghijkl"
ALL = "arn:aws:ivs:eu-west-1:111122223333:stage/*"
OWN = {"StringEquals": {"aws:ResourceTag/app": "talks"}}


def alarm(stack: cdk.Stack, namespace: str = "AWS/IVS", **properties: object) -> object:
    return aws_cloudwatch.CfnAlarm(
        stack,
        "Alarm",
        comparison_operator="LessThanThreshold",
        evaluation_periods=1,
        namespace=namespace,
        metric_name="IngestFramerate",
        threshold=1,
        **properties,  # type: ignore[arg-type]  # by name
    )


def composite(stack: cdk.Stack) -> object:
    inner = alarm(stack)
    assert isinstance(inner, aws_cloudwatch.CfnAlarm)
    rule = f"ALARM({inner.ref})"
    return aws_cloudwatch.CfnCompositeAlarm(stack, "All", alarm_rule=rule, alarm_actions=["a"])


def storages(stack: cdk.Stack, count: int) -> None:
    s3 = aws_ivs.CfnStorageConfiguration.S3StorageConfigurationProperty(bucket_name="elsewhere")
    for number in range(count):
        aws_ivs.CfnStorageConfiguration(stack, f"Storage{number}", s3=s3)


def public_keys(stack: cdk.Stack, count: int) -> None:
    pem = cdk.CfnParameter(stack, "Pem").value_as_string
    for number in range(count):
        aws_ivs.CfnPublicKey(stack, f"Key{number}", public_key_material=pem)


def encoder(stack: cdk.Stack, *, used: bool) -> None:
    made = aws_ivs.CfnEncoderConfiguration(stack, "Encoder")
    if used:
        cdk.CfnOutput(stack, "EncoderArn", value=f"arn is {made.attr_arn}")


def output_of_key(stack: cdk.Stack) -> object:
    return cdk.CfnOutput(stack, "StreamKey", value=stream_key(stack), export_name="key")


CASES = [
    Case(
        "InsecureIngest",
        lambda stack: channel(stack, insecure_ingest=True),
        lambda stack: channel(stack, insecure_ingest=False),
    ),
    Case(
        "PublicByOmission",
        lambda stack: aws_ivs.CfnChannel(stack, "Channel"),
        lambda stack: channel(
            stack, authorized=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1")
        ),
    ),
    Case("PrivateWithoutKey", lambda stack: channel(stack, authorized=True), private),
    Case("KeyOutsideKms", lambda stack: key_pair(stack, "-----BEGIN PUBLIC KEY-----"), private),
    Case(
        "OriginNotEnforced",
        lambda stack: restriction(stack, None),
        lambda stack: restriction(stack, True),
    ),
    Case(
        "RecordingBucketPublic",
        lambda stack: recorded(
            stack,
            TLS_ONLY,
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
        ),
        lambda stack: recorded(stack, TLS_ONLY, access_control="Private"),
    ),
    *(
        Case(
            "RecordingBucketPublic",
            lambda stack, who=who, more=more: recorded(stack, TLS_ONLY, {**READ, **who, **more}),  # type: ignore[misc]  # its defaults
            lambda stack: recorded(stack, TLS_ONLY, {**READ, "Principal": {"AWS": "111122223333"}}),
        )
        for who, more in (
            ({"Principal": {"AWS": ["111122223333", "*"]}}, {}),
            ({"Principal": {"AWS": "*", "Service": "ivs.amazonaws.com"}}, {}),
            ({"Principal": {"AWS": {"Fn::Sub": "*"}}}, {}),
            ({"NotPrincipal": {"AWS": "111122223333"}}, {}),
            ({"Principal": "*"}, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            ({"Principal": "*"}, {"Condition": {"Null": {"aws:PrincipalOrgID": "false"}}}),
            ({"Principal": "*"}, {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}),
        )
    ),
    Case(
        "RecordingBucketPublic",
        lambda stack: recorded(stack, TLS_ONLY, {**READ, "Principal": "*"}),
        lambda stack: recorded(
            stack,
            TLS_ONLY,
            {
                **READ,
                "Principal": "*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            },
        ),
    ),
    Case(
        "RecordingBucketPublic",
        lambda stack: recorded(stack, TLS_ONLY, access_control="PublicRead"),
        lambda stack: aws_s3.CfnBucket(stack, "Website", access_control="PublicRead"),
    ),
    Case(
        "RecordingBucketElsewhere",
        lambda stack: elsewhere(stack, "us-east-1"),
        lambda stack: elsewhere(stack, "eu-west-1"),
    ),
    Case("RecordingBucketWithoutTls", recorded, lambda stack: recorded(stack, TLS_ONLY)),
    Case(
        "RecordingBucketWithoutTls",
        lambda stack: recorded(
            stack, {**TLS_ONLY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
        ),
        lambda stack: recorded(
            stack, {**TLS_ONLY, "Condition": {"Bool": {"AWS:SecureTransport": [False]}}}
        ),
    ),
    Case(
        "RecordingBucketEncryption",
        lambda stack: recorded(
            stack, TLS_ONLY, realtime=True, bucket_encryption=encrypted("aws:kms")
        ),
        lambda stack: recorded(stack, TLS_ONLY, bucket_encryption=encrypted("aws:kms")),
    ),
    Case(
        "InsecureIngest",
        lambda stack: conditional(stack, "InsecureIngest", chosen(True, False)),
        lambda stack: conditional(stack, "InsecureIngest", chosen(False, NO_VALUE)),
    ),
    Case(
        "PublicByOmission",
        lambda stack: conditional(stack, "Authorized", NO_VALUE),
        lambda stack: conditional(stack, "Authorized", False),
    ),
    Case(
        "PublicByOmission",
        lambda stack: conditional(stack, "Authorized", chosen(False, NO_VALUE)),
        lambda stack: conditional(stack, "Authorized", chosen(False, "false")),
    ),
    Case("StreamKeyExposed", output_of_key, kept_key),
    Case("StreamKeyExposed", key_in_environment, kept_key),
    Case("StreamKeyExposed", unwrapped_key_in_environment, kept_key),
    Case("StreamKeyExposed", unwrapped_key_in_output, kept_key),
    Case("StreamKeyExposed", unwrapped_key_in_text, other_secret_unwrapped),
    Case("StreamKeyExposed", unwrapped_key_in_another_stack, kept_key),
    Case("StreamKeyExposed", key_by_the_name_of_its_secret, kept_key),
    Case("StreamKeyExposed", key_by_a_variable_of_sub, kept_key),
    Case("StreamKeyExposed", key_by_a_part_of_an_arn, kept_key),
    Case("StreamKeyExposed", exported_key, kept_key),
    Case("StreamKeyExposed", ingest_key_in_parameter, kept_key),
    Case(
        "StreamKeyExposed",
        lambda stack: cdk.CfnOutput(stack, "Key", value=asked_for(stack, "getStreamKey")),
        lambda stack: cdk.CfnOutput(stack, "Name", value=asked_for(stack, "getChannel")),
    ),
    Case(
        "ReservedTag",
        lambda stack: cdk.Tags.of(channel(stack)).add("Ivs-Constructs:fleet", "theirs"),
        lambda stack: cdk.Tags.of(channel(stack)).add("ivs-constructs", "own"),
    ),
    Case(
        "ReservedTag",
        lambda stack: ivs.Stage(stack, "Stage").node.default_child.add_property_override(  # type: ignore[union-attr]  # an L1
            "Tags", [{"Key": "ivs-constructs:stack", "Value": "theirs"}]
        ),
        lambda stack: ivs.Stage(stack, "Stage", tags={"team": "video"}),
    ),
    Case(
        "WildcardAction",
        lambda stack: allows(stack, "ivs:*", ONE),
        lambda stack: allows(stack, "ivs:*", ONE, OWN),
    ),
    Case(
        "WildcardAction",
        lambda stack: allows(stack, "ivs:*", ONE, {"Bool": {"aws:SecureTransport": "true"}}),
        lambda stack: allows(stack, "ivs:*", ONE, {"ForAnyValue:StringLike": OWN["StringEquals"]}),
    ),
    Case(
        "WildcardAction",
        lambda stack: with_managed(stack, "IVSFullAccess"),
        lambda stack: with_managed(stack, "IVSReadOnlyAccess"),
    ),
    Case(
        "WildcardAction",
        lambda stack: permission_set(stack, "ivs:*"),
        lambda stack: permission_set(stack, "s3:*"),
    ),
    Case(
        "WildcardAction",
        lambda stack: allows(stack, "ivschat:*", "arn:aws:ivschat:eu-west-1:1:room/a"),
        lambda stack: allows(stack, "s3:*", "*"),
    ),
    *(
        Case(
            "WildcardAction",
            lambda stack, action=action: allows(stack, action, ONE),  # type: ignore[misc]  # its default
            lambda stack: allows(stack, ["s3:*", "iv:*", "ivsx:*"], "*"),
        )
        for action in (
            "*",
            "*:*",
            "IVS:*",
            "ivs:?etStage",
            {"Fn::Sub": "ivs:*"},
            chosen("ivs:*", ONE),
        )
    ),
    *(
        Case(
            "WildcardResource",
            lambda stack, on=on: allows(stack, "ivs:DeleteStage", on),  # type: ignore[misc]  # its default
            lambda stack: allows(stack, "ivs:DeleteStage", ONE),
        )
        for on in (
            ALL.replace("/*", "/?*"),
            ALL.replace("/*", "/a*"),
            ALL.replace("stage/*", "*"),
            {"Fn::Sub": [ALL.replace("*", "${Id}"), {"Id": "*"}]},
            {"Fn::If": ["Wide", ALL, ONE]},
        )
    ),
    Case(
        "WildcardResource",
        lambda stack: allows(stack, "ivs:createparticipanttoken", ALL),
        lambda stack: allows(stack, "ivs:listpublickeys", "*"),
    ),
    Case(
        "TaggingUnconditioned",
        lambda stack: allows(stack, "ivs:tagresource", ALL.replace("*", "????????????")),
        lambda stack: allows(stack, "ivs:tagresource", ONE),
    ),
    Case(
        "WildcardResource",
        lambda stack: allows(
            stack, "ivs:DeleteStage", ALL, {"Null": {"aws:ResourceTag/app": "true"}}
        ),
        lambda stack: allows(stack, "ivs:DeleteStage", ALL, OWN),
    ),
    Case(
        "WildcardResource",
        lambda stack: allows(stack, "ivs:DeleteStage", ALL),
        lambda stack: allows(stack, "ivs:DeleteStage", ALL, OWN),
    ),
    Case(
        "WildcardResource",
        lambda stack: allows(stack, "ivs:CreateParticipantToken", "*"),
        lambda stack: allows(stack, "ivs:ListPublicKeys", "*"),
    ),
    Case(
        "TaggingUnconditioned",
        lambda stack: allows(
            stack, "ivs:TagResource", ALL, {"Null": {"aws:RequestTag/app": "false"}}
        ),
        lambda stack: allows(
            stack, "ivs:TagResource", ALL, {"ForAllValues:StringEquals": {"aws:TagKeys": ["app"]}}
        ),
    ),
    Case(
        "TaggingUnconditioned",
        lambda stack: allows(stack, "ivs:TagResource", ALL),
        lambda stack: allows(
            stack, "ivs:TagResource", ALL, {"StringEquals": {"aws:RequestTag/app": "talks"}}
        ),
    ),
    Case("AlarmWithoutAction", alarm, lambda stack: alarm(stack, alarm_actions=["arn"])),
    Case("AlarmWithoutAction", alarm, composite),
    Case(
        "AlarmWithoutAction",
        lambda stack: alarm(stack, alarm_actions=["arn"], actions_enabled=False),
        lambda stack: alarm(stack, "AWS/S3"),
    ),
    Case(
        "UnusedConfiguration",
        lambda stack: recording(stack, "elsewhere", used=False),
        lambda stack: recording(stack, "elsewhere"),
    ),
    Case(
        "UnusedConfiguration",
        lambda stack: encoder(stack, used=False),
        lambda stack: encoder(stack, used=True),
    ),
    Case(
        "TooManyStorages",
        lambda stack: storages(stack, 6),
        lambda stack: storages(stack, 5),
    ),
    Case(
        "TooManyPublicKeys",
        lambda stack: public_keys(stack, 4),
        lambda stack: public_keys(stack, 3),
    ),
]
