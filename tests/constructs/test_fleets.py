"""Fleets: what stands in the template, what is refused, and what is allowed to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam
from syrupy.assertion import SnapshotAssertion

from ivs_constructs import (
    AccountEvents,
    AutoParticipantRecording,
    ChannelFleet,
    InvalidPropertyError,
    PlaybackRestrictionPolicy,
    PublicKey,
    RecommendedAlarms,
    RecordingConfiguration,
    Stage,
    StageFleet,
    StageGrants,
    StorageConfiguration,
    TokenSigningKey,
    UnknownAttributeError,
    UnsupportedError,
)
from ivs_constructs.fleets import _fleet
from ivs_constructs.fleets._permissions import OPERATIONS
from ivs_constructs.fleets.function import answer, settings, tend
from ivs_constructs.fleets.function.settings import FLEET_TAG, read_settings
from ivs_constructs.operate.grants import ChannelGrants

Render = Callable[[cdk.Stack], dict[str, Any]]
CUSTOM = "Custom::IVSFleet"
DESTROY, RETAIN = cdk.RemovalPolicy.DESTROY, cdk.RemovalPolicy.RETAIN


@pytest.fixture
def role(stack: cdk.Stack) -> aws_iam.Role:
    return aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())


def of_type(template: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    return {key: each for key, each in template["Resources"].items() if each["Type"] == name}


def one(template: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = of_type(template, name).values()
    return found


def granted(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The statements of the role that was granted something."""
    policies = of_type(template, "AWS::IAM::Policy")
    [policy] = [each for key, each in policies.items() if key.startswith("RoleDefaultPolicy")]
    statements: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return statements


def failures(raised: pytest.ExceptionInfo[InvalidPropertyError]) -> list[tuple[str, str]]:
    return [(each.property, each.code) for each in raised.value.failures]


# What stands in the template


def test_minimal_stage_fleet(
    stack: cdk.Stack, template: Render, snapshot_json: SnapshotAssertion
) -> None:
    StageFleet(stack, "Rooms", max_size=10)
    assert template(stack) == snapshot_json


def test_full_channel_fleet(
    stack: cdk.Stack, template: Render, snapshot_json: SnapshotAssertion
) -> None:
    ChannelFleet(
        stack,
        "Creators",
        max_size=100,
        idle_after=cdk.Duration.days(1),
        ready=3,
        in_use="WAIT",
        channel_name="creator",
        type="BASIC",
        latency_mode="NORMAL",
        authorized=True,
        recording_configuration=RecordingConfiguration(stack, "Recording"),
        playback_restriction_policy=PlaybackRestrictionPolicy(
            stack, "Policy", allowed_countries=["DE"]
        ),
        tags={"team": "video"},
        token_issuer=True,
        token_max_lifetime=cdk.Duration.minutes(5),
        allowed_origins=["https://example.com"],
        enable_strict_origin_enforcement=True,
        maximum_resolution="HD",
    )
    assert template(stack) == snapshot_json


def environment(template: dict[str, Any], kind: str) -> settings.Settings:
    """Read the settings of a function as it does, deploy-time values by their logical ids."""
    [function] = [
        each
        for key, each in of_type(template, "AWS::Lambda::Function").items()
        if each["Properties"]["Handler"].endswith(f"{kind}.handler")
    ]
    variables = function["Properties"]["Environment"]["Variables"]
    return read_settings(
        {
            name: each if isinstance(each, str) else json.dumps(each)
            for name, each in variables.items()
        }
    )


@pytest.mark.parametrize("kind", ["answer", "tend"])
def test_functions_know_the_template(stack: cdk.Stack, template: Render, kind: str) -> None:
    StageFleet(
        stack,
        "Rooms",
        max_size=10,
        stage_name="room",
        tags={"team": "video"},
        auto_participant_recording=AutoParticipantRecording(
            storage_configuration=StorageConfiguration(stack, "Storage")
        ),
    )
    found = environment(template(stack), kind)

    assert (found.kind, found.max_size, found.ready, found.idle_after) == ("stage", 10, 0, 7200)
    assert found.tags == {"team": "video"}
    assert found.create["name"] == "room"
    recording = found.create["autoParticipantRecordingConfiguration"]
    assert "StorageCustom" in recording["storageConfigurationArn"]
    update = found.update["autoParticipantRecordingConfiguration"]
    assert update["mediaTypes"] == ["AUDIO_VIDEO"]
    assert found.issuer is None


def test_update_clears_what_is_not_wanted(stack: cdk.Stack, template: Render) -> None:
    ChannelFleet(stack, "Creators", max_size=10, type="BASIC")
    found = environment(template(stack), "tend")

    assert found.create == {"type": "BASIC"}
    assert found.update["recordingConfigurationArn"] == ""
    assert found.update["authorized"] is False
    assert found.update["multitrackInputConfiguration"] == {"enabled": False}


def test_tags_of_the_stack_reach_members(app: cdk.App, template: Render) -> None:
    outer = cdk.Stack(app, "Outer", tags={"stack": "outer", "team": "audio", "kept": "no"})
    name = cdk.CfnParameter(outer, "Name").value_as_string
    rooms = StageFleet(outer, "Rooms", max_size=10, tags={"kept": "yes"})
    other = ChannelFleet(outer, "Others", max_size=10)
    cdk.Tags.of(app).add("app", "mine")
    cdk.Tags.of(rooms).add("team", "video")
    cdk.Tags.of(rooms).add("named", name)
    found = template(outer)

    for kind in ("answer", "tend"):
        of_rooms, of_others = sorted(
            (
                read_settings(
                    {
                        key: value if isinstance(value, str) else json.dumps(value)
                        for key, value in each["Properties"]["Environment"]["Variables"].items()
                    }
                ).tags
                for each in of_type(found, "AWS::Lambda::Function").values()
                if each["Properties"]["Handler"].endswith(f"{kind}.handler")
            ),
            key=len,
            reverse=True,
        )
        assert of_rooms == {
            "stack": "outer",
            "team": "video",
            "app": "mine",
            "kept": "yes",
            "named": '{"Ref": "Name"}',
        }
        assert of_others == {"stack": "outer", "team": "audio", "app": "mine", "kept": "no"}
    # So that a change of them is an Update, which brings them to the members that exist.
    shown = [each["Properties"]["TemplateTags"] for each in of_type(found, CUSTOM).values()]
    assert sorted(map(len, shown)) == [4, 5]
    assert other.tags.keys() == {FLEET_TAG}


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({f"{each}": "x" for each in range(47)}, "tags must have at most 46 entries, got 47"),
        ({"ivs-constructs:fleet": "x"}, "tags must not have keys that start with ivs-constructs:"),
        ({"IVS-Constructs:claim": "x"}, "tags must not have keys that start with ivs-constructs:"),
        ({f"{each:02}": "x" * 250 for each in range(20)}, "the template must have at most 3000"),
    ],
)
def test_tags_of_the_stack_are_judged(app: cdk.App, tags: dict[str, str], message: str) -> None:
    stack = cdk.Stack(app, "Tagged")
    StageFleet(stack, "Rooms", max_size=10)
    for key, value in tags.items():
        cdk.Tags.of(stack).add(key, value)
    with pytest.raises(RuntimeError, match=f"members of 'Tagged/Rooms': {message}"):
        app.synth()


def test_stack_takes_46_tags_for_members(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Tagged", tags={f"{each}": "x" for each in range(46)})
    StageFleet(stack, "Rooms", max_size=10)
    assert app.synth()


def test_deploy_time_values_cannot_rewrite_settings(stack: cdk.Stack, template: Render) -> None:
    name = cdk.CfnParameter(stack, "Name").value_as_string
    StageFleet(stack, "Rooms", max_size=10, stage_name=name, tags={"a": name})
    [function, _] = of_type(template(stack), "AWS::Lambda::Function").values()
    variables = function["Properties"]["Environment"]["Variables"]
    evil = '", "max_size": 100000, "x": "'
    found = read_settings(
        {each: value if isinstance(value, str) else evil for each, value in variables.items()}
    )

    assert isinstance(variables["FLEET"], str)
    assert found.max_size == 10
    assert found.create["name"] == found.tags["a"] == evil


def test_custom_resource_goes_before_what_members_name(stack: cdk.Stack, template: Render) -> None:
    recording = RecordingConfiguration(stack, "Recording")
    ChannelFleet(stack, "Creators", max_size=10, recording_configuration=recording, in_use="STOP")
    found = template(stack)
    owner = one(found, "Custom::IVSFleet")

    text = json.dumps(owner)
    [recording_id] = of_type(found, "AWS::IVS::RecordingConfiguration")
    [table_id] = of_type(found, "AWS::DynamoDB::Table")
    [hands_on] = [key for key in of_type(found, "AWS::IAM::Policy") if "HandsOn" in key]
    assert recording_id in text
    assert {table_id, hands_on} <= set(owner["DependsOn"])
    assert owner["Properties"]["ServiceTimeout"] == "3600"
    assert owner["Properties"]["InUse"] == "STOP"
    assert owner["DeletionPolicy"] == "Delete"


def test_table_is_encrypted_backed_up_and_on_demand(stack: cdk.Stack, template: Render) -> None:
    StageFleet(stack, "Rooms", max_size=10)
    table = one(template(stack), "AWS::DynamoDB::Table")

    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True}
    recovery = table["Properties"]["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionPolicy"] == "Delete"


def test_retain_keeps_members_and_what_they_name(stack: cdk.Stack, template: Render) -> None:
    recording = RecordingConfiguration(stack, "Recording")
    policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    ChannelFleet(
        stack,
        "Creators",
        max_size=10,
        recording_configuration=recording,
        playback_restriction_policy=policy,
        removal_policy=RETAIN,
    )
    found = template(stack)
    for name in (
        "Custom::IVSFleet",
        "AWS::DynamoDB::Table",
        "AWS::IVS::RecordingConfiguration",
        "AWS::IVS::PlaybackRestrictionPolicy",
        "AWS::S3::Bucket",
    ):
        assert one(found, name)["DeletionPolicy"] == "Retain", name


def test_two_fleets_have_tags_of_their_own(stack: cdk.Stack) -> None:
    first = StageFleet(stack, "First", max_size=10)
    second = StageFleet(stack, "Second", max_size=10)

    assert first.tags.keys() == second.tags.keys() == {FLEET_TAG}
    assert first.tags != second.tags


def test_facts_that_stand_twice_are_the_same() -> None:
    assert _fleet.NAMESPACE == tend.NAMESPACE
    assert settings.OWN_TAGS == "ivs-constructs:"
    assert set(OPERATIONS) == {"stage", "channel"}


def test_verbs_are_those_of_the_function(stack: cdk.Stack) -> None:
    for fleet, kind in (
        (StageFleet(stack, "A", max_size=1), "stage"),
        (ChannelFleet(stack, "B", max_size=1), "channel"),
        (StageFleet(stack, "C", max_size=1, token_issuer=True), "stage"),
    ):
        issuer: dict[str, Any] | None = {} if "C" in fleet.node.path else None
        given = settings.Settings(kind=kind, fleet="", name="", table="", max_size=1, issuer=issuer)
        assert set(fleet._aliases) == set(answer.verbs_of(given))


def test_precreated_roles_are_used(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Customized")
    roles = {
        f"Customized/Rooms/{each}/Role": f"given-{each.lower()}" for each in ("Answers", "Tends")
    }
    aws_iam.Role.customize_roles(stack, use_precreated_roles=roles)
    StageFleet(stack, "Rooms", max_size=10)
    found = app.synth().get_stack_by_name("Customized").template

    assert of_type(found, "AWS::IAM::Role") == {}
    roles_of = [
        json.dumps(each["Properties"]["Role"])
        for each in of_type(found, "AWS::Lambda::Function").values()
    ]
    assert all("given-" in each for each in roles_of)


# What is refused


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"max_size": None}, [("max_size", "required")]),
        ({"max_size": 0}, [("max_size", "range")]),
        ({"max_size": 100_001}, [("max_size", "range")]),
        ({"max_size": 1.5}, [("max_size", "type")]),
        ({"max_size": 10, "ready": 11}, [("ready", "ready-size")]),
        ({"max_size": 100, "ready": 51}, [("ready", "range")]),
        ({"max_size": 10, "ready": -1}, [("ready", "range")]),
        ({"max_size": 10, "idle_after": cdk.Duration.seconds(599)}, [("idle_after", "range")]),
        ({"max_size": 10, "idle_after": cdk.Duration.days(61)}, [("idle_after", "range")]),
        ({"max_size": 10, "idle_after": 7200}, [("idle_after", "type")]),
        ({"max_size": 10, "in_use": "KILL"}, [("in_use", "choice")]),
        (
            {"max_size": 10, "removal_policy": cdk.RemovalPolicy.SNAPSHOT},
            [("removal_policy", "choice")],
        ),
        ({"max_size": 10, "tags": {"ivs-constructs:fleet": "x"}}, [("tags", "tag-prefix")]),
        ({"max_size": 10, "tags": {"aws:a": "x"}}, [("tags", "tag-prefix")]),
        (
            {"max_size": 10, "tags": {f"{each:02}": "x" * 250 for each in range(20)}},
            [("tags", "length")],
        ),
        ({"max_size": 10, "token_issuer": "yes"}, [("token_issuer", "type")]),
        (
            {"max_size": 10, "token_max_lifetime": cdk.Duration.hours(1)},
            [("token_max_lifetime", "without-issuer")],
        ),
    ],
)
@pytest.mark.parametrize("kind", [StageFleet, ChannelFleet])
def test_wrong_arguments(
    stack: cdk.Stack,
    kind: type[StageFleet] | type[ChannelFleet],
    arguments: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    with pytest.raises(InvalidPropertyError) as raised:
        kind(stack, "Fleet", **arguments)
    if kind is ChannelFleet and "token_max_lifetime" in arguments:
        expected = [*expected, ("token_max_lifetime", "range")]
    assert failures(raised) == expected
    assert stack.node.try_find_child("Fleet") is None


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_size": 1},
        {"max_size": 1000, "ready": 50},
        {"max_size": 10, "idle_after": cdk.Duration.minutes(10)},
        {"max_size": 10, "idle_after": cdk.Duration.days(60)},
        {"max_size": 10, "removal_policy": DESTROY},
    ],
)
def test_limits_are_allowed(stack: cdk.Stack, arguments: dict[str, Any]) -> None:
    assert StageFleet(stack, "Fleet", **arguments).tags


def test_template_is_held_against_the_descriptors(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError) as raised:
        ChannelFleet(
            stack,
            "Creators",
            max_size=0,
            channel_name="no spaces",
            type="GOLD",
            preset="HIGHER_BANDWIDTH_DELIVERY",
        )
    assert failures(raised) == [
        ("max_size", "range"),
        ("channel_name", "pattern"),
        ("type", "choice"),
    ]
    with pytest.raises(InvalidPropertyError) as raised:
        ChannelFleet(
            stack, "Creators", max_size=1, preset="HIGHER_BANDWIDTH_DELIVERY", type="BASIC"
        )
    assert failures(raised) == [("preset", "preset-type")]
    with pytest.raises(InvalidPropertyError) as raised:
        StageFleet(stack, "Rooms", max_size=1, stage_name="x" * 129)
    assert failures(raised) == [("stage_name", "length")]


def test_token_of_public_channels(stack: cdk.Stack) -> None:
    with pytest.raises(InvalidPropertyError) as raised:
        ChannelFleet(stack, "Creators", max_size=1, token_issuer=True)
    assert failures(raised) == [("token_issuer", "public-channel")]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"allowed_origins": "https://a.example"}, ("allowed_origins", "type")),
        ({"allowed_origins": []}, ("allowed_origins", "items")),
        ({"allowed_origins": ["a.example"]}, ("allowed_origins", "origin")),
        (
            {"enable_strict_origin_enforcement": True},
            ("enable_strict_origin_enforcement", "strict-origins"),
        ),
        (
            {
                "allowed_origins": [f"https://{each}.example" for each in "abcdef"],
                "enable_strict_origin_enforcement": True,
            },
            ("allowed_origins", "strict-origins"),
        ),
        (
            {"allowed_origins": [f"https://{'a' * 60}{n}.example" for n in range(20)]},
            ("allowed_origins", "length"),
        ),
        (
            {"enable_strict_origin_enforcement": "yes"},
            ("enable_strict_origin_enforcement", "type"),
        ),
        ({"log_retention": 30}, ("log_retention", "type")),
        ({"maximum_resolution": "4K"}, ("maximum_resolution", "choice")),
        ({"token_max_lifetime": cdk.Duration.minutes(11)}, ("token_max_lifetime", "range")),
        ({"signing_key": "key"}, ("signing_key", "type")),
    ],
)
def test_wrong_token_arguments(
    stack: cdk.Stack, arguments: dict[str, Any], expected: tuple[str, str]
) -> None:
    with pytest.raises(InvalidPropertyError) as raised:
        ChannelFleet(stack, "Creators", max_size=1, authorized=True, token_issuer=True, **arguments)
    assert failures(raised) == [expected]


def test_public_key_needs_its_signing_key(stack: cdk.Stack) -> None:
    key = TokenSigningKey(stack, "Key")
    public = PublicKey(stack, "PublicKey", signing_key=key)
    with pytest.raises(InvalidPropertyError) as raised:
        StageFleet(stack, "Rooms", max_size=1, token_issuer=True, public_key=public)
    assert failures(raised) == [("public_key", "key-missing")]


def test_keys_that_are_given_are_used(stack: cdk.Stack, template: Render) -> None:
    key = TokenSigningKey(stack, "Key")
    public = PublicKey(stack, "PublicKey", signing_key=key)
    StageFleet(
        stack,
        "Rooms",
        max_size=1,
        token_issuer=True,
        signing_key=key,
        public_key=public,
        token_capabilities=["SUBSCRIBE"],
    )
    ChannelFleet(stack, "Creators", max_size=1, authorized=True, token_issuer=True, signing_key=key)
    found = template(stack)
    assert len(of_type(found, "AWS::KMS::Key")) == len(of_type(found, "AWS::IVS::PublicKey")) == 1


def test_large_fleets_warn(stack: cdk.Stack) -> None:
    StageFleet(stack, "Rooms", max_size=7501)
    ChannelFleet(stack, "Creators", max_size=7500)
    warnings = cdk.assertions.Annotations.from_stack(stack)

    found = [
        each.entry.data for each in warnings.find_warning("*", cdk.assertions.Match.any_value())
    ]
    assert sum("quota" in str(each) for each in found) == 1
    assert sum("the hour that CloudFormation waits" in str(each) for each in found) == 1


# What is allowed


@pytest.mark.parametrize("verb", ["acquire", "get", "touch", "release", "list", "reset_stream_key"])
def test_grant_allows_one_alias(
    stack: cdk.Stack, template: Render, role: aws_iam.Role, verb: str
) -> None:
    kind = ChannelFleet if "stream_key" in verb else StageFleet
    rooms = kind(stack, "Rooms", max_size=10)
    getattr(rooms.grants, verb)(role)
    found = template(stack)

    [statement] = granted(found)
    assert statement["Action"] == "lambda:InvokeFunction"
    resource = json.dumps(statement["Resource"])
    aliases = of_type(found, "AWS::Lambda::Alias")
    [alias] = [key for key, each in aliases.items() if each["Properties"]["Name"] == verb]
    assert alias in resource
    assert "*" not in resource
    assert all(other not in resource for other in aliases if other != alias)


def test_grants_of_verbs_that_a_fleet_lacks(stack: cdk.Stack, role: aws_iam.Role) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=10)
    for verb in ("stream_key", "reset_stream_key"):
        with pytest.raises(UnsupportedError, match=f"{verb} requires a fleet with channels"):
            getattr(rooms.grants, verb)(role)
    with pytest.raises(UnsupportedError, match="token_issuer=True"):
        rooms.grants.token(role)
    with pytest.raises(InvalidPropertyError, match="verb must be one of"):
        rooms.alias("token")
    with pytest.raises(InvalidPropertyError):
        rooms.grants.acquire("role")  # type: ignore[arg-type]  # what is refused
    assert rooms.alias("get").alias_name == "get"


def test_own_code_creates_with_the_tag_only(
    stack: cdk.Stack, template: Render, role: aws_iam.Role
) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=10)
    rooms.grants.create(role)
    [statement] = granted(template(stack))

    assert statement["Action"] == ["ivs:CreateStage", "ivs:TagResource"]
    condition = statement["Condition"]
    tag = stack.resolve(rooms.tags[FLEET_TAG])
    assert condition["StringEquals"] == {f"aws:RequestTag/{FLEET_TAG}": tag}
    # What is another's cannot be adopted.
    assert condition["StringEqualsIfExists"] == {f"aws:ResourceTag/{FLEET_TAG}": tag}
    assert condition["Null"] == {"aws:ResourceTag/ivs-constructs:stack": "true"}
    reserved = condition["ForAllValues:StringNotEquals"]["aws:TagKeys"]
    assert settings.CLAIM_TAG in reserved


@pytest.mark.parametrize("kind", [StageFleet, ChannelFleet])
def test_own_code_manages_what_has_the_tag(
    stack: cdk.Stack,
    template: Render,
    role: aws_iam.Role,
    kind: type[StageFleet] | type[ChannelFleet],
) -> None:
    fleet = kind(stack, "Fleet", max_size=10)
    fleet.grants.manage(role)
    fleet.grants.create(role)
    statements = granted(template(stack))

    tag = stack.resolve(fleet.tags[FLEET_TAG])
    managed = {"StringEquals": {f"aws:ResourceTag/{FLEET_TAG}": tag}}
    assert managed in [each.get("Condition") for each in statements]
    assert "GetStreamKey" not in json.dumps(statements)


def test_functions_touch_only_what_has_the_tag(stack: cdk.Stack, template: Render) -> None:
    ChannelFleet(stack, "Creators", max_size=10)
    StageFleet(stack, "Rooms", max_size=10)
    for key, each in of_type(template(stack), "AWS::IAM::Role").items():
        for policy in each["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                if "ivs:" not in json.dumps(statement["Action"]):
                    continue
                lists = statement["Sid"] in ("Lists", "StreamKeysOfMembers")
                assert ("Condition" in statement) != lists, (key, statement)
                reasons = each["Metadata"]["ivs-constructs"]
                assert statement["Sid"] in reasons, (key, statement)


def test_facades_take_tags(stack: cdk.Stack, template: Render, role: aws_iam.Role) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=10)
    StageGrants.by_tag(rooms.tags).disconnect_participant(role)
    ChannelGrants.by_tag({"team": "video"}, region="us-east-1").stop_stream(role)
    first, second = granted(template(stack))

    tag = stack.resolve(rooms.tags[FLEET_TAG])
    assert first["Condition"] == {"StringEquals": {f"aws:ResourceTag/{FLEET_TAG}": tag}}
    assert second["Condition"] == {"StringEquals": {"aws:ResourceTag/team": "video"}}
    assert ":ivs:us-east-1:" in json.dumps(second["Resource"])
    with pytest.raises(InvalidPropertyError, match="region must be a Region such as 'eu-west-1'"):
        StageGrants.by_tag(rooms.tags, region="*")
    for tags in ({"team": 7}, {"": "video"}, {7: "video"}):
        with pytest.raises(InvalidPropertyError, match="tags must hold strings"):
            StageGrants.by_tag(tags)  # type: ignore[arg-type]  # the mistake
    wrong: tuple[Any, ...] = ({}, None, "team")
    for tags in wrong:
        with pytest.raises(InvalidPropertyError, match="at least one tag"):
            StageGrants.by_tag(tags)


def test_grants_by_tag_keep_the_tag_beside_other_resources(
    stack: cdk.Stack, template: Render, role: aws_iam.Role
) -> None:
    rooms, creators = (
        StageFleet(stack, "Rooms", max_size=10),
        ChannelFleet(stack, "Creators", max_size=10),
    )
    storage = StorageConfiguration(stack, "Storage")
    main = Stage(stack, "Main")
    grants = StageGrants.by_tag(rooms.tags)
    grants.start_composition(role, storage_configuration=storage, channel=creators)
    main.grants.replicate(role, rooms)
    grants.replicate(role, main)
    ChannelGrants.by_tag(creators.tags).reset_stream_key(role)
    found = granted(template(stack))

    def conditions(operation: str, kind: str) -> list[object]:
        """The tag that each statement about an operation on all of a type asks for."""
        about = [
            each
            for each in found
            if f"ivs:{operation}" in json.dumps(each["Action"])
            and f":{kind}/*" in json.dumps(each["Resource"])
        ]
        assert about
        return [
            each.get("Condition", {}).get("StringEquals", {}).get(f"aws:ResourceTag/{FLEET_TAG}")
            for each in about
        ]

    of_rooms, of_creators = (stack.resolve(fleet.tags[FLEET_TAG]) for fleet in (rooms, creators))
    assert conditions("StartComposition", "stage") == [of_rooms]
    assert conditions("StartComposition", "channel") == [of_creators]
    # Both ways ask for the same, so the AWS CDK may merge them.
    assert set(map(json.dumps, conditions("StartParticipantReplication", "stage"))) == {
        json.dumps(of_rooms)
    }
    assert conditions("ListStreamKeys", "channel") == [of_creators]
    # Stream keys have no tags.
    assert conditions("ListStreamKeys", "stream-key") == [None]
    for each in found:
        if "/*" in json.dumps(each["Resource"]):
            assert each["Sid"]


def test_fleet_of_another_type_is_no_destination(stack: cdk.Stack, role: aws_iam.Role) -> None:
    rooms: Any = StageFleet(stack, "Rooms", max_size=10)
    stage = Stage(stack, "Stage")
    with pytest.raises(InvalidPropertyError, match=r"channel must be a Channel, got .*StageFleet"):
        stage.grants.start_composition(role, channel=rooms)
    nothing: Any = None
    with pytest.raises(InvalidPropertyError, match="destination is required"):
        stage.grants.replicate(role, nothing)


def test_fleets_share_keys(stack: cdk.Stack, template: Render) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=10, token_issuer=True)
    StageFleet(
        stack,
        "More",
        max_size=10,
        token_issuer=True,
        signing_key=rooms.signing_key,
        public_key=rooms.public_key,
    )
    creators = ChannelFleet(stack, "Creators", max_size=10, authorized=True, token_issuer=True)
    ChannelFleet(
        stack,
        "Others",
        max_size=10,
        authorized=True,
        token_issuer=True,
        signing_key=creators.signing_key,
    )
    found = template(stack)
    assert len(of_type(found, "AWS::IVS::PublicKey")) == 1
    assert len(of_type(found, "AWS::IVS::PlaybackKeyPair")) == 1
    silent = StageFleet(stack, "Silent", max_size=10)
    for name in ("signing_key", "public_key"):
        with pytest.raises(UnknownAttributeError, match=f"has no {name}; pass it token_issuer"):
            getattr(silent, name)
    with pytest.raises(UnknownAttributeError, match="has no signing_key"):
        _ = ChannelFleet(stack, "Mute", max_size=10).signing_key


@pytest.mark.parametrize("nested", [False, True])
def test_other_stacks_name_the_fleet_and_not_themselves(app: cdk.App, *, nested: bool) -> None:
    there = cdk.Stack(app, "There")
    here = cdk.NestedStack(there, "Here") if nested else cdk.Stack(app, "Here")
    rooms = StageFleet(here, "Rooms", max_size=10)
    role = aws_iam.Role(there, "Role", assumed_by=aws_iam.AccountRootPrincipal())

    rooms.grants.create(role)
    rooms.grants.manage(role)
    StageGrants.by_tag(rooms.tags).disconnect_participant(role)
    RecommendedAlarms(there, "Alarms", fleet=rooms)

    found = json.loads(json.dumps(app.synth().get_stack_by_name("There").template))
    conditions = [json.dumps(each["Condition"]) for each in granted(found)]
    owner = '{"Fn::GetAtt": ["Here' if nested else '{"Fn::ImportValue": "Here:'
    for text in (*conditions, json.dumps(of_type(found, "AWS::CloudWatch::Alarm"))):
        assert owner in text
        assert '"AWS::StackId"' not in text
        assert '"AWS::StackName"' not in text


def test_own_code_of_another_region_names_that_of_the_fleet(app: cdk.App) -> None:
    def stack_in(region: str) -> cdk.Stack:
        env = cdk.Environment(account="123456789012", region=region)
        return cdk.Stack(app, region, env=env, cross_region_references=True)

    here, there = stack_in("us-west-2"), stack_in("eu-west-1")
    rooms = ChannelFleet(here, "Rooms", max_size=10)
    role = aws_iam.Role(there, "Role", assumed_by=aws_iam.AccountRootPrincipal())

    rooms.grants.create(role)
    rooms.grants.manage(role)

    found = app.synth().get_stack_by_name("eu-west-1").template
    resources = [json.dumps(each["Resource"]) for each in granted(found)]
    assert [each.count(":ivs:us-west-2:") for each in resources] == [2, 1, 1]
    assert "AWS::Region" not in "".join(resources)


def test_events_of_any_stage_and_channel(stack: cdk.Stack, template: Render) -> None:
    events = AccountEvents(stack)
    events.on_stream_start("Started")
    events.on_participant_published("Published")
    events.on_composition_session_end("Ended")
    patterns = [
        each["Properties"]["EventPattern"]
        for each in of_type(template(stack), "AWS::Events::Rule").values()
    ]
    assert patterns == [
        {
            "source": ["aws.ivs"],
            "detail-type": ["IVS Stream State Change"],
            "detail": {"event_name": ["Stream Start"]},
        },
        {
            "source": ["aws.ivs"],
            "detail-type": ["IVS Stage Update"],
            "detail": {"event_name": ["Participant Published"]},
        },
        {
            "source": ["aws.ivs"],
            "detail-type": ["IVS Composition State Change"],
            "detail": {"event_name": ["Session End"]},
        },
    ]


def test_alarms_watch_a_fleet(stack: cdk.Stack, template: Render) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=10)
    alarms = RecommendedAlarms(stack, "Alarms", fleet=rooms, near_limit=90)
    found = of_type(template(stack), "AWS::CloudWatch::Alarm").values()

    assert [each.node.id for each in alarms.alarms] == [
        "FleetFullness",
        "FleetFailures",
        "FleetOrphans",
    ]
    assert [each["Properties"]["Threshold"] for each in found] == [90, 1, 3600]
    assert {each["Properties"]["Namespace"] for each in found} == {"IvsConstructs/Fleets"}
    names = environment(template(stack), "tend").name
    [dimension] = {json.dumps(each["Properties"]["Dimensions"]) for each in found}
    assert json.loads(dimension)[0]["Value"] == json.loads(names)
    with pytest.raises(InvalidPropertyError, match="fleet must be"):
        RecommendedAlarms(stack, "Wrong", fleet="rooms")  # type: ignore[arg-type]  # what is refused


def test_metrics_are_those_that_runs_report(stack: cdk.Stack) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=10)
    metrics = [
        rooms.metric_size(),
        rooms.metric_fullness(),
        rooms.metric_live(),
        rooms.metric_failures(),
        rooms.metric_oldest_orphan(),
        rooms.metric_stale(),
    ]
    source = Path(tend.__file__).read_text(encoding="utf-8")
    assert all(f'"{each.metric_name}": (' in source for each in metrics)


def test_fleet_tells_its_functions(stack: cdk.Stack) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=10)
    assert repr(rooms) == "<ivs_constructs.StageFleet 'Stack/Rooms'>"
    assert repr(rooms.grants) == "<ivs_constructs.FleetGrants>"
    assert rooms.function.function_name == rooms.function_name
    assert rooms.tending_function.node.path == "Stack/Rooms/Tends/Function"


@pytest.mark.parametrize(
    ("grantee", "code"),
    [
        (aws_iam.AnyPrincipal(), "everybody"),
        (aws_iam.ArnPrincipal("*"), "everybody"),
        (aws_iam.StarPrincipal(), "everybody"),
        (aws_iam.ServicePrincipal("apigateway.amazonaws.com"), "service-source"),
    ],
)
@pytest.mark.parametrize("verb", ["acquire", "get", "touch", "release", "list"])
def test_verbs_are_not_for_everybody(
    stack: cdk.Stack, verb: str, grantee: aws_iam.IGrantable, code: str
) -> None:
    rooms = StageFleet(stack, "Rooms", max_size=5)
    with pytest.raises(InvalidPropertyError) as raised:
        getattr(rooms.grants, verb)(grantee)
    assert [(each.property, each.code) for each in raised.value.failures] == [("grantee", code)]


@pytest.mark.parametrize("verb", ["create", "manage"])
@pytest.mark.parametrize("fleet", [StageFleet, ChannelFleet])
def test_wildcards_of_grants_have_their_reasons(
    stack: cdk.Stack,
    template: Render,
    role: aws_iam.Role,
    fleet: type[StageFleet | ChannelFleet],
    verb: str,
) -> None:
    getattr(fleet(stack, "Fleet", max_size=5).grants, verb)(role)

    [policy] = [
        each
        for each in of_type(template(stack), "AWS::IAM::Policy").values()
        if "ivs:" in json.dumps(each["Properties"])
    ]
    statements = policy["Properties"]["PolicyDocument"]["Statement"]
    reasons = policy["Metadata"]["ivs-constructs"]
    assert {each["Sid"] for each in statements} == reasons.keys()
    assert all(reasons.values())
