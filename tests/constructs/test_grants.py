"""Permissions: which actions on which ARNs, for constructs, L1 types and imports."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ivs, aws_sns

from ivs_constructs import (
    ApiCall,
    Channel,
    ChannelDestination,
    CompositionAutomation,
    EncoderConfiguration,
    InvalidPropertyError,
    PlaybackTokenIssuer,
    RecordingConfiguration,
    Stage,
    StorageConfiguration,
    StreamKey,
    TokenSigningKey,
    Video,
)
from ivs_constructs.operate import permissions
from ivs_constructs.operate._models import SERVICES, operations
from ivs_constructs.operate.grants import (
    ChannelGrants,
    CompositionGrants,
    Grants,
    RecordingConfigurationGrants,
    StageGrants,
    StreamKeyGrants,
)
from ivs_constructs.operate.permissions import PERMISSIONS, VERBS
from ivs_constructs.testing import synthesize
from tests.constructs.templates import of_type

ROOT = Path(__file__).resolve().parents[2]
ARN = "arn:aws:ivs:us-west-2:123456789012"
CHANNEL = f"{ARN}:channel/AbCd"
STAGE = f"{ARN}:stage/AbCd"
KEY = f"{ARN}:stream-key/AbCd"
RECORDING = f"{ARN}:recording-configuration/AbCd"
ENCODER = f"{ARN}:encoder-configuration/AbCd"
STORAGE = f"{ARN}:storage-configuration/AbCd"

# The actions of IAM that no model of the APIs has; the test below keeps it exact.
KNOWN_TO_IAM_ONLY: set[str] = set()

Verb = Callable[[aws_iam.Role], aws_iam.Grant]


@pytest.fixture
def role(stack: cdk.Stack) -> aws_iam.Role:
    return aws_iam.Role(stack, "Role", assumed_by=aws_iam.ServicePrincipal("lambda.amazonaws.com"))


def statements(stack: cdk.Stack) -> list[tuple[Any, Any]]:
    """The actions that the role's policy allows, each with the resources."""
    policies = of_type(synthesize(stack), "AWS::IAM::Policy")
    [policy] = [each for name, each in policies.items() if name.startswith("Role")]
    found = policy["Properties"]["PolicyDocument"]["Statement"]
    reasons = policy.get("Metadata", {}).get("ivs-constructs", {})
    for each in found:
        wide = {"Sid"} if "*" in json.dumps(each["Resource"]) else set[str]()
        assert each.keys() == {"Action", "Effect", "Resource"} | wide
        assert each["Effect"] == "Allow"
        assert not wide or reasons[each["Sid"]]
    assert reasons.keys() == {each["Sid"] for each in found if "Sid" in each}
    return [(each["Action"], each["Resource"]) for each in found]


def channel(stack: cdk.Stack) -> ChannelGrants:
    return Channel.from_channel_arn(stack, "Channel", CHANNEL).grants


def stage(stack: cdk.Stack) -> StageGrants:
    return Stage.from_stage_arn(stack, "Stage", STAGE).grants


def compositions(stack: cdk.Stack) -> CompositionGrants:
    return CompositionGrants.from_stage(Stage.from_stage_arn(stack, "Stage", STAGE))


def key(stack: cdk.Stack) -> StreamKeyGrants:
    return StreamKey.from_stream_key_arn(stack, "Key", KEY).grants


def recording(stack: cdk.Stack) -> RecordingConfigurationGrants:
    return RecordingConfiguration.from_arn(stack, "Recording", RECORDING).grants


VERBS_TESTED: dict[str, tuple[Callable[[cdk.Stack], Any], str, list[tuple[Any, Any]]]] = {
    "channel put_metadata": (channel, "put_metadata", [("ivs:PutMetadata", CHANNEL)]),
    "channel stop_stream": (channel, "stop_stream", [("ivs:StopStream", CHANNEL)]),
    "channel insert_ad_break": (channel, "insert_ad_break", [("ivs:InsertAdBreak", CHANNEL)]),
    "channel update": (channel, "update", [("ivs:UpdateChannel", CHANNEL)]),
    "channel revoke_viewers": (
        channel,
        "revoke_viewers",
        [
            (
                ["ivs:BatchStartViewerSessionRevocation", "ivs:StartViewerSessionRevocation"],
                CHANNEL,
            )
        ],
    ),
    "channel read": (
        channel,
        "read",
        [
            (
                [
                    "ivs:BatchGetChannel",
                    "ivs:GetChannel",
                    "ivs:GetStream",
                    "ivs:GetStreamSession",
                    "ivs:ListStreamSessions",
                ],
                CHANNEL,
            )
        ],
    ),
    "channel reset_stream_key": (
        channel,
        "reset_stream_key",
        [
            (["ivs:CreateStreamKey", "ivs:DeleteStreamKey"], f"{ARN}:stream-key/*"),
            ("ivs:ListStreamKeys", [CHANNEL, f"{ARN}:stream-key/*"]),
        ],
    ),
    "composition read": (
        compositions,
        "read",
        [("ivs:GetComposition", f"{ARN}:composition/*"), ("ivs:ListCompositions", STAGE)],
    ),
    "composition stop": (
        compositions,
        "stop",
        [("ivs:ListCompositions", STAGE), ("ivs:StopComposition", f"{ARN}:composition/*")],
    ),
    "key read": (key, "read", [(["ivs:BatchGetStreamKey", "ivs:GetStreamKey"], KEY)]),
    "key reset": (
        key,
        "reset",
        [("ivs:CreateStreamKey", f"{ARN}:stream-key/*"), ("ivs:DeleteStreamKey", KEY)],
    ),
    "recording read": (recording, "read", [("ivs:GetRecordingConfiguration", RECORDING)]),
    "stage create_participant_token": (
        stage,
        "create_participant_token",
        [("ivs:CreateParticipantToken", STAGE)],
    ),
    "stage disconnect_participant": (
        stage,
        "disconnect_participant",
        [("ivs:DisconnectParticipant", STAGE)],
    ),
    "stage update": (stage, "update", [("ivs:UpdateStage", STAGE)]),
    "stage read": (
        stage,
        "read",
        [
            (
                [
                    "ivs:GetParticipant",
                    "ivs:GetStage",
                    "ivs:GetStageSession",
                    "ivs:ListParticipantEvents",
                    "ivs:ListParticipantReplicas",
                    "ivs:ListParticipants",
                    "ivs:ListStageSessions",
                ],
                STAGE,
            )
        ],
    ),
    "stage stop_composition": (
        stage,
        "stop_composition",
        [
            (["ivs:GetComposition", "ivs:StopComposition"], f"{ARN}:composition/*"),
            ("ivs:ListCompositions", STAGE),
        ],
    ),
}
FACADES = (
    ChannelGrants,
    CompositionGrants,
    RecordingConfigurationGrants,
    StageGrants,
    StreamKeyGrants,
)
# Tested below, because they take other resources as well.
WITH_MORE = {"stage replicate", "stage start_composition"}


@pytest.mark.parametrize("name", VERBS_TESTED)
def test_verb_allows_exactly(name: str, stack: cdk.Stack, role: aws_iam.Role) -> None:
    facade, verb, expected = VERBS_TESTED[name]

    grant = getattr(facade(stack), verb)(role)

    assert isinstance(grant, aws_iam.Grant)
    assert grant.success
    assert statements(stack) == expected


def test_every_verb_is_tested() -> None:
    facades = {
        "channel": ChannelGrants,
        "composition": CompositionGrants,
        "key": StreamKeyGrants,
        "recording": RecordingConfigurationGrants,
        "stage": StageGrants,
    }
    verbs = {
        f"{name} {verb}"
        for name, cls in facades.items()
        for verb, each in vars(cls).items()
        if inspect.isfunction(each) and verb != "__init__"
    }

    assert verbs == VERBS_TESTED.keys() | WITH_MORE


def test_compositions_are_told_apart_by_their_tags(stack: cdk.Stack, role: aws_iam.Role) -> None:
    # The stage has not the tags of its compositions, so listing must not ask for them.
    CompositionGrants(STAGE, tags={"show": "news", "team": "a"}).stop(role)

    policy = synthesize(stack).one("AWS::IAM::Policy").definition
    [(sid, reason)] = policy["Metadata"]["ivs-constructs"].items()
    assert reason == "compositions come and go at run time, so no ARN is known"
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {"Action": "ivs:ListCompositions", "Effect": "Allow", "Resource": STAGE},
        {
            "Sid": sid,
            "Action": "ivs:StopComposition",
            "Effect": "Allow",
            "Resource": f"{ARN}:composition/*",
            "Condition": {
                "StringEquals": {"aws:ResourceTag/show": "news", "aws:ResourceTag/team": "a"}
            },
        },
    ]


def test_reasons_of_wildcards_are_told_and_acknowledged(
    stack: cdk.Stack, role: aws_iam.Role
) -> None:
    channel(stack).reset_stream_key(role)
    # Another resource, the same operations: IAM wants another Sid.
    Channel.from_channel_arn(stack, "Other", f"{ARN}:channel/Other").grants.reset_stream_key(role)

    policy = synthesize(stack).one("AWS::IAM::Policy").definition

    found = policy["Properties"]["PolicyDocument"]["Statement"]
    assert policy["Metadata"]["ivs-constructs"] == {
        found[0]["Sid"]: "CreateStreamKey makes a new stream key, whose ARN is not known before; "
        "which stream key DeleteStreamKey is for is known only when it is called",
        found[1]["Sid"]: "ListStreamKeys looks at every stream key of the account and Region",
        found[2]["Sid"]: "ListStreamKeys looks at every stream key of the account and Region",
    }
    assert len({each["Sid"] for each in found}) == len(found)
    assert all(re.fullmatch("[A-Za-z0-9]+", each["Sid"]) for each in found)
    default = role.node.find_child("DefaultPolicy").node.default_child
    assert default is not None
    acknowledged = [
        key
        for each in default.node.metadata
        if each.type == "aws:cdk:acknowledged-rules"
        for key in each.data
    ]
    if hasattr(cdk, "Validations"):
        assert set(acknowledged) == {f"Annotation::AwsSolutions-IAM5[Resource::{ARN}:stream-key/*]"}


def test_sids_do_not_depend_on_what_else_the_program_makes() -> None:
    sids = []
    for count in range(2):
        stack = cdk.Stack(cdk.App(), "Stack")
        for number in range(count):
            Channel(stack, f"Before{number}")
        role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
        Channel(stack, "Channel").grants.reset_stream_key(role)
        policy = synthesize(stack).one("AWS::IAM::Policy").definition
        sids.append(
            [each.get("Sid") for each in policy["Properties"]["PolicyDocument"]["Statement"]]
        )

    assert sids[0] == sids[1]


def test_grants_to_others_have_no_policy_for_reasons(stack: cdk.Stack) -> None:
    arn = "arn:aws:iam::123456789012:role/Elsewhere"
    imported = aws_iam.Role.from_role_arn(stack, "Imported", arn, mutable=False)

    channel(stack).reset_stream_key(imported)

    assert not of_type(synthesize(stack), "AWS::IAM::Policy")


@pytest.mark.parametrize("operation", ["TagResource", "UntagResource"])
def test_tagging_is_allowed_but_for_the_tags_of_this_library(
    stack: cdk.Stack, role: aws_iam.Role, operation: str
) -> None:
    channel(stack).actions(role, operation, "GetChannel")

    policy = synthesize(stack).one("AWS::IAM::Policy").definition
    assert policy["Properties"]["PolicyDocument"]["Statement"] == [
        {"Action": "ivs:GetChannel", "Effect": "Allow", "Resource": CHANNEL},
        {
            "Action": f"ivs:{operation}",
            "Effect": "Allow",
            "Resource": CHANNEL,
            "Condition": {
                "ForAllValues:StringNotLike": {"aws:TagKeys": ["ivs-constructs:*"]},
                "Null": {
                    "aws:RequestTag/ivs-constructs:automation": "true",
                    "aws:RequestTag/ivs-constructs:fleet": "true",
                    "aws:RequestTag/ivs-constructs:stack": "true",
                },
            },
        },
    ]


def test_replicate_is_allowed_on_both_stages(stack: cdk.Stack, role: aws_iam.Role) -> None:
    other = Stage.from_stage_arn(stack, "Other", f"{ARN}:stage/Other")

    stage(stack).replicate(role, other)

    assert statements(stack) == [
        (
            ["ivs:StartParticipantReplication", "ivs:StopParticipantReplication"],
            [STAGE, f"{ARN}:stage/Other"],
        )
    ]


def test_start_composition_is_allowed_on_all_four_types(
    stack: cdk.Stack, role: aws_iam.Role
) -> None:
    encoder = EncoderConfiguration.from_encoder_configuration_arn(stack, "Encoder", ENCODER)
    storage = StorageConfiguration.from_storage_configuration_arn(stack, "Storage", STORAGE)
    destination = Channel.from_channel_arn(stack, "Destination", CHANNEL)

    stage(stack).start_composition(
        role,
        encoder_configuration=encoder,
        storage_configuration=storage,
        channel=destination,
    )

    assert statements(stack) == [("ivs:StartComposition", [ENCODER, STAGE, CHANNEL, STORAGE])]


def test_start_composition_without_an_encoder_takes_any(
    stack: cdk.Stack, role: aws_iam.Role
) -> None:
    destination = Channel.from_channel_arn(stack, "Destination", CHANNEL)

    stage(stack).start_composition(role, channel=destination)

    assert statements(stack) == [
        ("ivs:StartComposition", [f"{ARN}:encoder-configuration/*", STAGE, CHANNEL])
    ]


def test_resources_of_the_stack_are_named_by_reference(
    stack: cdk.Stack, role: aws_iam.Role
) -> None:
    made = Channel(stack, "Channel")

    made.grants.reset_stream_key(role)

    arn = {"Fn::GetAtt": ["Channel4048F119", "Arn"]}
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":ivs:", {"Ref": "AWS::Region"}, ":"]
    keys = {"Fn::Join": ["", [*parts, {"Ref": "AWS::AccountId"}, ":stream-key/*"]]}
    assert statements(stack) == [
        (["ivs:CreateStreamKey", "ivs:DeleteStreamKey"], keys),
        ("ivs:ListStreamKeys", [arn, keys]),
    ]


def test_all_of_a_type_is_in_the_place_of_the_import(stack: cdk.Stack, role: aws_iam.Role) -> None:
    arn = stack.format_arn(
        service="ivs", resource="channel", resource_name="AbCd", region="eu-west-1"
    )

    Channel.from_channel_arn(stack, "Channel", arn).grants.reset_stream_key(role)

    [(_, keys), _] = statements(stack)
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":ivs:eu-west-1:", {"Ref": "AWS::AccountId"}]
    assert keys == {"Fn::Join": ["", [*parts, ":stream-key/*"]]}


OREGON = cdk.Environment(account="123456789012", region="us-west-2")
IRELAND = cdk.Environment(account="123456789012", region="eu-west-1")


def made_by_any(stack: cdk.Stack) -> dict[str, Grants]:
    """Facades of all ways to say what is in a stack."""
    cfn = aws_ivs.CfnChannel(stack, "CfnChannel")
    stage = Stage(stack, "Stage")
    made = Channel(stack, "Channel")
    destination = ChannelDestination(channel=made)
    automation = CompositionAutomation(stack, "Show", stage=stage, destinations=[destination])
    return {
        "construct": made.grants,
        "level 1": ChannelGrants.from_channel(cfn),
        "stage": stage.grants,
        "automation": automation.grants,
    }


@pytest.mark.parametrize(
    ("made", "verb", "on"),
    [
        ("construct", "reset_stream_key", "stream-key"),
        ("level 1", "reset_stream_key", "stream-key"),
        ("stage", "stop_composition", "composition"),
        ("automation", "stop", "composition"),
    ],
)
def test_all_of_a_type_is_where_the_resource_is_also_for_roles_elsewhere(
    made: str, verb: str, on: str
) -> None:
    app = cdk.App()
    here = cdk.Stack(app, "Here", env=OREGON, cross_region_references=True)
    there = cdk.Stack(app, "There", env=IRELAND, cross_region_references=True)
    role = aws_iam.Role(there, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    near = aws_iam.Role(here, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    imported = aws_iam.Role.from_role_name(there, "Imported", "backend")
    facade = made_by_any(here)[made]

    getattr(facade, verb)(role)
    getattr(facade, verb)(near)
    getattr(facade, verb)(imported)

    assert all_of(on, ":ivs:us-west-2:") in resources(there)
    assert all_of(on, ":ivs:us-west-2:") in resources(there, "ImportedPolicy")
    assert all_of(on, ":ivs:", {"Ref": "AWS::Region"}, ":") in resources(here)


def resources(stack: cdk.Stack, start: str = "RoleDefaultPolicy") -> list[Any]:
    policies = of_type(synthesize(stack), "AWS::IAM::Policy")
    [policy] = [each for name, each in policies.items() if name.startswith(start)]
    return [each["Resource"] for each in policy["Properties"]["PolicyDocument"]["Statement"]]


def all_of(kind: str, *place: object) -> dict[str, object]:
    parts = ["arn:", {"Ref": "AWS::Partition"}, *place, {"Ref": "AWS::AccountId"}, f":{kind}/*"]
    return {"Fn::Join": ["", parts]}


def test_facades_take_level_1_types(stack: cdk.Stack, role: aws_iam.Role) -> None:
    l1 = aws_ivs.CfnChannel(stack, "Channel")
    l1_stage = aws_ivs.CfnStage(stack, "Stage")
    l1_key = aws_ivs.CfnStreamKey(stack, "Key", channel_arn=l1.attr_arn)
    location = aws_ivs.CfnRecordingConfiguration.S3DestinationConfigurationProperty(bucket_name="b")
    l1_recording = aws_ivs.CfnRecordingConfiguration(
        stack,
        "Recording",
        destination_configuration=aws_ivs.CfnRecordingConfiguration.DestinationConfigurationProperty(
            s3=location
        ),
    )

    ChannelGrants.from_channel(l1).stop_stream(role)
    StageGrants.from_stage(l1_stage).disconnect_participant(role)
    StreamKeyGrants.from_stream_key(l1_key).read(role)
    RecordingConfigurationGrants.from_recording_configuration(l1_recording).read(role)

    assert statements(stack) == [
        ("ivs:StopStream", {"Ref": "Channel"}),
        ("ivs:DisconnectParticipant", {"Ref": "Stage"}),
        (["ivs:BatchGetStreamKey", "ivs:GetStreamKey"], {"Ref": "Key"}),
        ("ivs:GetRecordingConfiguration", {"Ref": "Recording"}),
    ]


def test_constructs_have_their_facade(stack: cdk.Stack) -> None:
    made = Channel(stack, "Channel")

    assert type(made.grants) is ChannelGrants
    assert type(made.add_stream_key("Key").grants) is StreamKeyGrants
    assert type(Stage(stack, "Stage").grants) is StageGrants
    assert type(RecordingConfiguration(stack, "R").grants) is RecordingConfigurationGrants
    assert repr(made.grants) == "<ivs_constructs.ChannelGrants>"


# Operations without a verb


def test_actions_are_allowed_on_the_resource(stack: cdk.Stack, role: aws_iam.Role) -> None:
    stage(stack).actions(role, "GetStage", "DeleteStage")

    assert statements(stack) == [(["ivs:DeleteStage", "ivs:GetStage"], STAGE)]


def test_actions_name_all_of_a_type_that_is_always_touched(
    stack: cdk.Stack, role: aws_iam.Role
) -> None:
    channel(stack).actions(role, "DeleteChannel")

    assert statements(stack) == [("ivs:DeleteChannel", [CHANNEL, f"{ARN}:stream-key/*"])]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((), "operations must name at least one; add it"),
        (
            ("GetStage",),
            "operations must be allowed on a channel, got 'GetStage'; it is an operation on a "
            "stage",
        ),
        (
            ("putMetadata",),
            "operations must be allowed on a channel, got 'putMetadata'; did you mean "
            "'PutMetadata'?",
        ),
        (
            ("CreateChannel",),
            "operations must be allowed on a channel, got 'CreateChannel'; it makes one, "
            "whose ARN is not known yet",
        ),
        ((5,), "operations must be allowed on a channel, got 5 (int)"),
    ],
)
def test_fails_when_an_operation_is_none_of_the_type(
    given: Any,  # noqa: ANN401 (also what types forbid)
    message: str,
    stack: cdk.Stack,
    role: aws_iam.Role,
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        channel(stack).actions(role, *given)

    assert str(caught.value) == f"ChannelGrants has 1 invalid property:\n  - {message}"


# Bad input


@pytest.mark.parametrize(
    ("make", "subject", "message"),
    [
        (
            lambda _: ChannelGrants(STAGE),
            "ChannelGrants",
            f"arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got '{STAGE}'; that "
            "is a stage",
        ),
        (
            lambda stack: ChannelGrants.from_channel(Stage(stack, "Stage")),  # type: ignore[arg-type]  # meant
            "ChannelGrants",
            "channel must be a Channel, got <ivs_constructs.Stage 'Stack/Stage'> (Stage)",
        ),
        (
            lambda _: StageGrants.from_stage(None),  # type: ignore[arg-type]  # meant
            "StageGrants",
            "stage is required; give a value",
        ),
        (
            lambda _: CompositionGrants(CHANNEL),
            "CompositionGrants",
            f"stage_arn must be arn:<partition>:ivs:<region>:<account>:stage/<id>, got '{CHANNEL}'"
            "; that is a channel",
        ),
        (
            lambda stack: stage(stack).replicate(stack, "other"),  # type: ignore[arg-type]  # meant
            "StageGrants",
            "destination must be a Stage, got the string 'other'; import it with "
            "Stage.from_stage_arn(self, 'Imported', ...)",
        ),
        (
            lambda stack: stage(stack).start_composition(stack),
            "StageGrants",
            "channel or storage_configuration is required, because a composition needs a "
            "destination; pass one or both",
        ),
    ],
)
def test_fails_with_the_whole_message(
    make: Callable[[cdk.Stack], object], subject: str, message: str, stack: cdk.Stack
) -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        make(stack)

    assert str(caught.value) == f"{subject} has 1 invalid property:\n  - {message}"


# The data


def test_every_action_is_known() -> None:
    known = {name for service in SERVICES for name in operations(service)}

    assert PERMISSIONS.keys() - known == KNOWN_TO_IAM_ONLY


@pytest.mark.parametrize("folder", ["ivs_constructs", "tests/snapshots"])
def test_every_action_that_is_named_anywhere_is_known(folder: str) -> None:
    known = {name for service in SERVICES for name in operations(service)} | KNOWN_TO_IAM_ONLY
    texts = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".json"} and "models" not in path.parts
    ]

    named = {name for text in texts for name in re.findall(r'"ivs:(\w+)"', text)}

    assert len(named) > 3
    assert named <= known


def test_verbs_are_the_methods_of_the_facades() -> None:
    assert {kind: set(verbs) for kind, verbs in VERBS.items()} == {
        each._spec.arn_type: {
            name
            for name, one in vars(each).items()
            if inspect.isfunction(one) and name != "__init__"
        }
        for each in FACADES
    }


def test_verbs_allow_operations_of_iam_only() -> None:
    allowed = {name for verbs in VERBS.values() for names in verbs.values() for name in names}

    assert allowed <= PERMISSIONS.keys()


def test_what_makes_a_resource_needs_no_arn_of_it() -> None:
    made = {name for name, each in PERMISSIONS.items() if each.makes}

    creating = {name for name in PERMISSIONS if name.startswith(("Create", "Import"))}
    # A token is no resource, and the stage is there.
    assert made == creating - {"CreateParticipantToken"}


def test_lists_of_the_parts_of_one_do_not_pass_for_lists_of_all() -> None:
    models = {**operations("ivs"), **operations("ivs-realtime")}
    lists = [
        (name, kind)
        for name, each in PERMISSIONS.items()
        for kind in each.types
        if name.startswith("List")
    ]

    told = {
        (name, kind)
        for name, kind in lists
        if "looks at every" in permissions.reason_for(name, kind)
    }

    one = {
        (name, kind)
        for name, kind in lists
        if any(each.lower().endswith(f"{kind}arn") for each in models[name].input.required)
    }
    assert one
    assert told == set(lists) - one


def test_facades_share_a_base() -> None:
    assert set(FACADES) == set(Grants.__subclasses__())


def test_encoder_made_here_is_named(stack: cdk.Stack, role: aws_iam.Role) -> None:
    encoder = EncoderConfiguration(stack, "Encoder", video=Video.hd_720p())

    stage(stack).start_composition(
        role,
        encoder_configuration=encoder,
        storage_configuration=StorageConfiguration.from_storage_configuration_arn(
            stack, "Storage", STORAGE
        ),
    )

    [(_, resources)] = statements(stack)
    assert resources == [stack.resolve(encoder.encoder_configuration_arn), STAGE, STORAGE]


# Whom


WHO = "grantee must be a role, a function or another IGrantable of aws_cdk.aws_iam, got"


@pytest.mark.parametrize(
    ("given", "got"),
    [
        ("role", "'role'; import it with aws_iam.Role.from_role_name(self, 'Imported', 'role')"),
        (
            "arn:aws:iam::123456789012:role/x",
            "'arn:aws:iam::123456789012:role/x'; import it with "
            "aws_iam.Role.from_role_arn(self, 'Imported', 'arn:aws:iam::123456789012:role/x')",
        ),
        (
            "lambda.amazonaws.com",
            "'lambda.amazonaws.com'; write aws_iam.ServicePrincipal('lambda.amazonaws.com')",
        ),
        (None, "None"),
        (aws_iam.Role, "the class Role; make an instance of it and pass that"),
    ],
)
def test_fails_when_the_grantee_is_nobody(given: object, got: str, stack: cdk.Stack) -> None:
    automation = CompositionAutomation(
        stack,
        "Automation",
        stage=Stage(stack, "Stage"),
        destinations=[ChannelDestination(channel=Channel(stack, "Show"))],
    )
    signing_key = TokenSigningKey(stack, "SigningKey")
    call = ApiCall("ivs", "StopStream", channel_arn=CHANNEL)
    issuer = PlaybackTokenIssuer(
        stack, "Issuer", signing_key=signing_key, channels=[Channel(stack, "P", authorized=True)]
    )
    grants: dict[str, Callable[[Any], object]] = {
        "ChannelGrants": channel(stack).put_metadata,
        "CompositionGrants": automation.grants.stop,
        "ApiCall": call.grant,
        "TokenSigningKey 'Stack/SigningKey'": signing_key.grant_sign,
        "PlaybackTokenIssuer 'Stack/Issuer'": issuer.grant_invoke,
    }

    for subject, grant in grants.items():
        with pytest.raises(InvalidPropertyError) as caught:
            grant(given)
        assert str(caught.value) == f"{subject} has 1 invalid property:\n  - {WHO} {got}"


def test_fails_when_the_grantee_is_another_construct(stack: cdk.Stack) -> None:
    topic: Any = aws_sns.Topic(stack, "Topic")

    with pytest.raises(InvalidPropertyError) as caught:
        channel(stack).read(topic)

    assert [each.message for each in caught.value.failures] == [f"{WHO} a Topic"]


def test_grantee_may_be_an_import(stack: cdk.Stack) -> None:
    imported = aws_iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/x")

    assert channel(stack).read(imported).success
