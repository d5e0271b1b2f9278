from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ivs, aws_s3
from aws_cdk.assertions import Annotations, Match
from aws_cdk.interfaces import aws_s3 as references
from syrupy.assertion import SnapshotAssertion

import ivs_constructs as ivs
from ivs_constructs.testing import Synthesized, synthesize
from tests.constructs.refusals import found, refused, report

ARN = "arn:aws:ivs:eu-central-1:123456789012:storage-configuration/AbCdEfGhIjKl"
CUSTOM, NATIVE = "Custom::IVSStorageConfiguration", "AWS::IVS::StorageConfiguration"
HERE = cdk.Environment(region="us-east-1", account="111111111111")

by_provisioning = pytest.mark.parametrize(
    ("provisioning", "cfn_type"),
    [("CUSTOM", CUSTOM), ("CLOUDFORMATION", NATIVE)],
    ids=["custom", "native"],
)


def own(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties without those that every custom resource has."""
    common = ("ServiceToken", "ServiceTimeout", "ConstructPath")
    return {name: value for name, value in properties.items() if name not in common}


def allowed_by(made: Synthesized, sid: str) -> list[dict[str, Any]]:
    """The provider's statements of an Sid."""
    return [
        statement
        for policy in made.resources("AWS::IAM::Policy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Sid"] == sid
    ]


def written_by_ivs(made: Synthesized) -> list[dict[str, Any]]:
    """The statements of bucket policies that let Amazon IVS write."""
    return [
        statement
        for policy in made.resources("AWS::S3::BucketPolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "IvsCompositeWrite"
    ]


def logical_id(stack: cdk.Stack, construct: Any) -> str:  # noqa: ANN401 (any construct)
    return str(stack.get_logical_id(construct.node.default_child))


def test_storage_minimal_makes_a_bucket(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    storage = ivs.StorageConfiguration(stack, "Storage")
    assert isinstance(storage.bucket, ivs.RecordingBucket)
    assert storage.bucket.node.path == "Stack/Storage/Bucket"
    rendered = synthesize(stack)
    assert own(rendered.one(CUSTOM).properties) == {
        "S3": {"BucketName": stack.resolve(storage.bucket.bucket_name)}
    }
    assert rendered == snapshot_json


@by_provisioning
def test_storage_full(
    stack: cdk.Stack,
    snapshot_json: SnapshotAssertion,
    provisioning: str,
    cfn_type: str,
) -> None:
    bucket = aws_s3.Bucket(stack, "Archive", enforce_ssl=True)
    storage = ivs.StorageConfiguration(
        stack,
        "Storage",
        bucket=bucket,
        storage_configuration_name="talks",
        provisioning=provisioning,
        tags={"team": "video"},
    )
    cdk.Tags.of(storage).add("stage", "test")
    assert storage.bucket is bucket
    rendered = synthesize(stack)
    resource = rendered.one(cfn_type).definition
    assert own(resource["Properties"]) == {
        "Name": "talks",
        "S3": {"BucketName": stack.resolve(bucket.bucket_name)},
        "Tags": [{"Key": "stage", "Value": "test"}, {"Key": "team", "Value": "video"}],
    }
    assert bool(rendered.resources("AWS::Lambda::Function")) == (cfn_type == CUSTOM)
    assert rendered == snapshot_json


@by_provisioning
@pytest.mark.parametrize("given", [True, False])
def test_storage_waits_for_the_bucket_policy(
    stack: cdk.Stack, provisioning: str, cfn_type: str, given: bool
) -> None:
    bucket = aws_s3.Bucket(stack, "Archive") if given else None
    storage = ivs.StorageConfiguration(stack, "Storage", bucket=bucket, provisioning=provisioning)
    policy = storage.bucket.policy
    rendered = synthesize(stack)
    assert logical_id(stack, policy) in rendered.one(cfn_type).definition["DependsOn"]
    # What it waits for must not wait for it.
    assert "DependsOn" not in rendered.one("AWS::S3::Bucket").definition
    assert "DependsOn" not in rendered.one("AWS::S3::BucketPolicy").definition


def test_bucket_policy_lets_ivs_write(stack: cdk.Stack) -> None:
    storage = ivs.StorageConfiguration(stack, "Storage")
    bucket_arn = stack.resolve(storage.bucket.bucket_arn)
    assert written_by_ivs(synthesize(stack)) == [
        {
            "Sid": "IvsCompositeWrite",
            "Effect": "Allow",
            "Principal": {
                "Service": {
                    "Fn::Join": ["", ["ivs-composite.", {"Ref": "AWS::Region"}, ".amazonaws.com"]]
                }
            },
            "Action": ["s3:PutObject", "s3:PutObjectAcl"],
            "Resource": {"Fn::Join": ["", [bucket_arn, "/*"]]},
            "Condition": {
                "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
                "StringEqualsIfExists": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                "Bool": {"aws:SecureTransport": "true"},
            },
        }
    ]


def test_bucket_policy_names_the_region_where_it_is_known(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", env=HERE)
    ivs.StorageConfiguration(stack, "Storage")
    (statement,) = written_by_ivs(synthesize(stack))
    assert statement["Principal"] == {"Service": "ivs-composite.us-east-1.amazonaws.com"}


def test_bucket_of_several_lets_ivs_write_once(stack: cdk.Stack) -> None:
    bucket = ivs.RecordingBucket(stack, "Archive")
    for number in range(3):
        ivs.StorageConfiguration(stack, f"Storage{number}", bucket=bucket)
    rendered = synthesize(stack)
    assert len(written_by_ivs(rendered)) == 1
    policy = logical_id(stack, bucket.policy)
    assert all(policy in each.definition["DependsOn"] for each in rendered.resources(CUSTOM))


def test_bucket_of_another_stack_lets_ivs_write_once(app: cdk.App) -> None:
    home, other = cdk.Stack(app, "Home"), cdk.Stack(app, "Other")
    bucket = aws_s3.Bucket(home, "Archive")
    for stack in (home, other):
        ivs.StorageConfiguration(stack, "Storage", bucket=bucket)
    assert len(written_by_ivs(synthesize(home))) == 1
    assert other.dependencies == [home]


def test_storage_takes_a_level1_bucket(stack: cdk.Stack) -> None:
    bucket = aws_s3.CfnBucket(stack, "Archive")
    storage = ivs.StorageConfiguration(stack, "Storage", bucket=bucket)
    rendered = synthesize(stack)
    resource = rendered.one(CUSTOM).definition
    assert resource["Properties"]["S3"] == {"BucketName": stack.resolve(bucket.ref)}
    (policy,) = (
        k for k, r in rendered.template["Resources"].items() if "BucketPolicy" in r["Type"]
    )
    assert policy in resource["DependsOn"]
    assert len(written_by_ivs(rendered)) == 1
    assert storage.bucket is storage.bucket
    (statement,) = allowed_by(rendered, "BucketPolicies")
    assert statement["Resource"] == stack.resolve(bucket.attr_arn)


def test_role_manages_the_policy_of_that_bucket_alone(stack: cdk.Stack) -> None:
    storage = ivs.StorageConfiguration(stack, "Storage")
    imported = aws_s3.Bucket.from_bucket_name(stack, "Imported", "example-archive")
    ivs.StorageConfiguration(stack, "Other", bucket=imported)
    rendered = synthesize(stack)
    assert allowed_by(rendered, "BucketPolicies") == [
        {
            "Sid": "BucketPolicies",
            "Effect": "Allow",
            "Action": [
                "s3:GetBucketLocation",
                "s3:GetBucketPolicy",
                "s3:PutBucketPolicy",
                "s3:DeleteBucketPolicy",
            ],
            "Resource": [
                stack.resolve(storage.bucket.bucket_arn),
                stack.resolve(imported.bucket_arn),
            ],
        }
    ]
    actions = {
        action
        for sid in ("CreateWithStackTag", "ManageByStackTag")
        for statement in allowed_by(rendered, sid)
        for action in statement["Action"]
    }
    assert actions == {
        "ivs:CreateStorageConfiguration",
        "ivs:DeleteStorageConfiguration",
        "ivs:GetStorageConfiguration",
        "ivs:TagResource",
        "ivs:UntagResource",
    }


def test_storage_of_cloudformation_needs_no_role(stack: cdk.Stack) -> None:
    ivs.StorageConfiguration(stack, "Storage", provisioning=ivs.Provisioning.CLOUDFORMATION)
    synthesize(stack).lacks("AWS::IAM::Role")


def test_context_decides_the_provisioning(app: cdk.App) -> None:
    app.node.set_context("ivs_constructs:provisioning", "CLOUDFORMATION")
    stack = cdk.Stack(app, "Stack")
    ivs.StorageConfiguration(stack, "Storage")
    assert len(synthesize(stack).resources(NATIVE)) == 1


def test_storage_in_use(stack: cdk.Stack) -> None:
    ivs.StorageConfiguration(stack, "Storage", in_use=ivs.InUse.WAIT)
    assert synthesize(stack).one(CUSTOM).properties["InUse"] == "WAIT"


def test_storage_tokens(stack: cdk.Stack, snapshot_json: SnapshotAssertion) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    encryption = cdk.CfnParameter(stack, "Encryption").value_as_string
    bucket = aws_s3.CfnBucket(
        stack,
        "Archive",
        bucket_encryption=aws_s3.CfnBucket.BucketEncryptionProperty(
            server_side_encryption_configuration=[
                aws_s3.CfnBucket.ServerSideEncryptionRuleProperty(
                    server_side_encryption_by_default=aws_s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                        sse_algorithm=encryption
                    )
                )
            ]
        ),
        ownership_controls=cdk.Fn.condition_if("Condition", "one", "other"),
    )
    ivs.StorageConfiguration(stack, "Storage", storage_configuration_name=name, bucket=bucket)
    rendered = synthesize(stack)
    assert own(rendered.one(CUSTOM).properties) == {
        "Name": {"Ref": "Name"},
        "S3": {"BucketName": {"Ref": "Archive"}},
    }
    assert rendered == snapshot_json


def test_storage_arn_and_id_are_references(stack: cdk.Stack) -> None:
    storage = ivs.StorageConfiguration(stack, "Storage")
    arn = {"Fn::GetAtt": [logical_id(stack, storage), "Arn"]}
    assert stack.resolve(storage.storage_configuration_arn) == arn
    assert stack.resolve(storage.storage_configuration_id) == {
        "Fn::Select": [1, {"Fn::Split": ["/", arn]}]
    }
    reference = storage.storage_configuration_ref
    assert reference.storage_configuration_arn == storage.storage_configuration_arn


def test_storage_imported(stack: cdk.Stack) -> None:
    storage = ivs.StorageConfiguration.from_storage_configuration_arn(stack, "Storage", ARN)
    assert storage.storage_configuration_arn == ARN
    assert storage.storage_configuration_id == "AbCdEfGhIjKl"
    assert storage.env.region == "eu-central-1"
    aws_ivs.CfnStage(
        stack,
        "Stage",
        auto_participant_recording_configuration=aws_ivs.CfnStage.AutoParticipantRecordingConfigurationProperty(
            storage_configuration_arn=storage.storage_configuration_ref.storage_configuration_arn
        ),
    )
    assert ARN in str(synthesize(stack).one("AWS::IVS::Stage").definition)


# What is legal but risky


@pytest.mark.parametrize(("env", "region"), [(HERE, "us-east-1"), (None, "<region>")])
def test_imported_bucket_is_warned_about(
    app: cdk.App, env: cdk.Environment | None, region: str
) -> None:
    stack = cdk.Stack(app, "Stack", env=env)
    bucket = aws_s3.Bucket.from_bucket_name(stack, "Archive", "example-archive")
    ivs.StorageConfiguration(stack, "Storage", bucket=bucket)
    Annotations.from_stack(stack).has_warning(
        "/Stack/Storage",
        "the bucket is imported, so its policy cannot be changed here, and recordings fail if it "
        f"does not let Amazon IVS write; let the policy allow ivs-composite.{region}.amazonaws.com"
        " the actions s3:PutObject and s3:PutObjectAcl on <bucket ARN>/*, under the conditions "
        "StringEquals s3:x-amz-acl bucket-owner-full-control and Bool aws:SecureTransport true "
        "[ack: ivs-constructs:imported-bucket-policy]",
    )


def test_template_tells_why_the_role_may_change_the_bucket_policy(stack: cdk.Stack) -> None:
    ivs.StorageConfiguration(stack, "Storage", provisioning="CUSTOM")
    rendered = synthesize(stack)
    (policy,) = (
        each
        for each in rendered.resources("AWS::IAM::Policy")
        if "BucketPolicies" in str(each.properties)
    )
    assert policy.definition["Metadata"]["ivs-constructs"] == {
        "BucketPolicies": "the function calls none of these itself; Amazon IVS requires them in "
        "the role that makes a storage configuration, to let itself write to this bucket"
    }


def test_imported_bucket_has_no_policy_to_wait_for(stack: cdk.Stack) -> None:
    bucket = aws_s3.Bucket.from_bucket_arn(stack, "Archive", "arn:aws:s3:::example-archive")
    ivs.StorageConfiguration(stack, "Storage", bucket=bucket)
    rendered = synthesize(stack)
    rendered.lacks("AWS::S3::BucketPolicy")
    (statement,) = allowed_by(rendered, "BucketPolicies")
    assert statement["Resource"] == "arn:aws:s3:::example-archive"


@jsii.implements(references.IBucketRef)
class Reference(cdk.Resource):
    """A bucket that has no more than the reference interface of the AWS CDK."""

    @property
    @jsii.member(jsii_name="bucketRef")
    def bucket_ref(self) -> references.BucketReference:
        return references.BucketReference(
            bucket_name="example-archive", bucket_arn="arn:aws:s3:::example-archive"
        )


def test_bare_reference_counts_as_imported(stack: cdk.Stack) -> None:
    ivs.StorageConfiguration(stack, "Storage", bucket=Reference(stack, "Archive"))
    (statement,) = allowed_by(synthesize(stack), "BucketPolicies")
    assert statement["Resource"] == "arn:aws:s3:::example-archive"
    Annotations.from_stack(stack).has_warning("/Stack/Storage", Match.any_value())


def test_own_and_given_buckets_are_not_warned_about(stack: cdk.Stack) -> None:
    ivs.StorageConfiguration(stack, "Own")
    ivs.StorageConfiguration(stack, "Given", bucket=aws_s3.Bucket(stack, "Archive"))
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


# What is refused


@pytest.mark.parametrize(
    ("bucket", "message"),
    [
        (
            "example-archive",
            "bucket must be an S3 bucket, got the string 'example-archive'; import it with "
            "aws_s3.Bucket.from_bucket_name(self, 'Imported', 'example-archive')",
        ),
        (5, "bucket must be an S3 bucket, got 5 (int)"),
    ],
)
def test_storage_refuses_what_is_no_bucket(stack: cdk.Stack, bucket: object, message: str) -> None:
    error = refused(ivs.StorageConfiguration, stack, bucket=bucket)
    assert str(error) == report("StorageConfiguration", message)
    assert found(error) == [("bucket", "type")]


def test_storage_refuses_a_bucket_elsewhere(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", env=HERE)
    other = cdk.Stack(app, "Other", env=cdk.Environment(region="eu-west-1", account="222222222222"))
    error = refused(
        ivs.StorageConfiguration,
        stack,
        bucket=aws_s3.Bucket(other, "Archive", bucket_name="example-archive"),
    )
    assert str(error) == report(
        "StorageConfiguration",
        "bucket must be in the stack's Region us-east-1, got one in eu-west-1; Amazon IVS records "
        "within a Region, so use a bucket there",
        "bucket must be in the stack's account 111111111111, got one in 222222222222; Amazon IVS "
        "records within an account, so use a bucket there",
    )
    assert found(error) == [("bucket", "bucket-region"), ("bucket", "bucket-account")]


def level1_with_ownership(stack: cdk.Stack, ownership: str) -> aws_s3.CfnBucket:
    return aws_s3.CfnBucket(
        stack,
        "Archive",
        ownership_controls=aws_s3.CfnBucket.OwnershipControlsProperty(
            rules=[aws_s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership=ownership)]
        ),
    )


@pytest.mark.parametrize("level", [1, 2])
def test_storage_refuses_a_bucket_of_the_writers_objects(stack: cdk.Stack, level: int) -> None:
    bucket = (
        level1_with_ownership(stack, "ObjectWriter")
        if level == 1
        else aws_s3.Bucket(stack, "Archive", object_ownership=aws_s3.ObjectOwnership.OBJECT_WRITER)
    )
    error = refused(ivs.StorageConfiguration, stack, bucket=bucket)
    assert str(error) == report(
        "StorageConfiguration",
        "bucket must own the objects in it, got one with object ownership ObjectWriter; define it "
        "with object_ownership=aws_s3.ObjectOwnership.BUCKET_OWNER_ENFORCED, or use a "
        "RecordingBucket",
    )
    assert found(error) == [("bucket", "bucket-ownership")]


@pytest.mark.parametrize(
    "ownership", [None, *(each for each in aws_s3.ObjectOwnership if "OWNER" in each.name)]
)
def test_storage_accepts_a_bucket_of_its_own_objects(
    stack: cdk.Stack, ownership: aws_s3.ObjectOwnership | None
) -> None:
    bucket = aws_s3.Bucket(stack, "Archive", object_ownership=ownership)
    ivs.StorageConfiguration(stack, "Storage", bucket=bucket)


@pytest.mark.parametrize(
    ("encryption", "got"),
    [
        (aws_s3.BucketEncryption.KMS, "aws:kms"),
        (aws_s3.BucketEncryption.KMS_MANAGED, "aws:kms"),
        (aws_s3.BucketEncryption.DSSE, "aws:kms:dsse"),
        (aws_s3.BucketEncryption.DSSE_MANAGED, "aws:kms:dsse"),
    ],
)
def test_storage_refuses_a_bucket_encrypted_by_kms(
    stack: cdk.Stack, encryption: aws_s3.BucketEncryption, got: str
) -> None:
    error = refused(
        ivs.StorageConfiguration,
        stack,
        bucket=aws_s3.Bucket(stack, "Archive", encryption=encryption),
    )
    assert str(error) == report(
        "StorageConfiguration",
        f"bucket must be encrypted with SSE-S3 for real-time recordings, got one with {got}; "
        "define it with encryption=aws_s3.BucketEncryption.S3_MANAGED and without encryption_key, "
        "or use a RecordingBucket",
    )
    assert found(error) == [("bucket", "bucket-encryption")]


@pytest.mark.parametrize("encryption", [None, aws_s3.BucketEncryption.S3_MANAGED])
def test_storage_accepts_a_bucket_encrypted_by_s3(
    stack: cdk.Stack, encryption: aws_s3.BucketEncryption | None
) -> None:
    bucket = aws_s3.Bucket(stack, "Archive", encryption=encryption)
    ivs.StorageConfiguration(stack, "Storage", bucket=bucket)


def test_storage_accepts_an_encryption_without_rules(stack: cdk.Stack) -> None:
    bucket = aws_s3.CfnBucket(
        stack, "Archive", bucket_encryption={"serverSideEncryptionConfiguration": []}
    )
    ivs.StorageConfiguration(stack, "Storage", bucket=bucket)


def test_storage_refuses_in_use_for_cloudformation(stack: cdk.Stack) -> None:
    error = refused(ivs.StorageConfiguration, stack, in_use="STOP", provisioning="CLOUDFORMATION")
    assert str(error) == report(
        "StorageConfiguration",
        "in_use requires provisioning CUSTOM, got CLOUDFORMATION as provisioning; drop in_use or "
        "drop provisioning",
    )


def test_storage_reports_all_at_once(stack: cdk.Stack) -> None:
    error = refused(
        ivs.StorageConfiguration,
        stack,
        bucket=level1_with_ownership(stack, "ObjectWriter"),
        storage_configuration_name="my talks",
        tags={"aws:x": "y"},
    )
    assert found(error) == [
        ("storage_configuration_name", "pattern"),
        ("tags", "tag-prefix"),
        ("bucket", "bucket-ownership"),
    ]


def test_storage_refuses_the_arn_of_something_else(stack: cdk.Stack) -> None:
    arn = ARN.replace("storage-configuration", "stage")
    with pytest.raises(ivs.InvalidPropertyError) as caught:
        ivs.StorageConfiguration.from_storage_configuration_arn(stack, "It", arn)
    assert str(caught.value) == report(
        "StorageConfiguration",
        "storage_configuration_arn must be "
        f"arn:<partition>:ivs:<region>:<account>:storage-configuration/<id>, got '{arn}'; that is "
        "a stage",
    )
