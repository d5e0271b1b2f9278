"""Which modules of the AWS CDK a program loads that does not name them."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

import ivs_constructs

PROGRAM = """
import json, sys
import aws_cdk as cdk
{named}
app = cdk.App()
stack = cdk.Stack(app, "Stack")
before = set(sys.modules)  # an old aws_cdk loads all of its modules by itself
from ivs_constructs import LiveChannel
live = LiveChannel(stack, "Live"{arguments})
{then}
print(json.dumps({said}))
"""
NAMED = (
    "from aws_cdk import "
    "aws_iam, aws_ivs, aws_kms, aws_lambda, aws_logs, aws_s3, aws_s3_assets, aws_secretsmanager"
)
PRIVATE = ", private=True, allowed_countries=['DE']"


CLEAN = {
    "Channel": "channel = ivs.Channel(stack, 'Channel', authorized=True)",
    "RecordingConfiguration": "ivs.RecordingConfiguration(stack, 'Recording')",
    "StreamKey": "ivs.StreamKey(stack, 'StreamKey', channel=channel)",
    "PlaybackRestrictionPolicy": (
        "policy = ivs.PlaybackRestrictionPolicy(stack, 'Policy', allowed_countries=['DE'])"
    ),
    "FailoverSlateConfiguration": "ivs.FailoverSlateConfiguration(stack, 'Slate')",
    "ChannelAssociations": (
        "ivs.ChannelAssociations(stack, 'Associations', channel=channel, "
        "playback_restriction_policy=policy)"
    ),
    "AdConfiguration": (
        "ivs.AdConfiguration(stack, 'Ads', media_tailor_playback_configurations=["
        "'arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/ads']) "
        "if hasattr(references, 'IAdConfigurationRef') else None"
    ),
    "Stage": "stage = ivs.Stage(stack, 'Stage')",
    "EncoderConfiguration": "ivs.EncoderConfiguration(stack, 'Encoder')",
    "StorageConfiguration": "ivs.StorageConfiguration(stack, 'Storage')",
    "IngestConfiguration": "ivs.IngestConfiguration(stack, 'Ingest', stage=stage)",
    "TokenSigningKey": "key = ivs.TokenSigningKey(stack, 'SigningKey')",
    "PlaybackKeyPair": "ivs.PlaybackKeyPair(stack, 'KeyPair', signing_key=key)",
    "PublicKey": "public = ivs.PublicKey(stack, 'PublicKey', signing_key=key)",
    "PlaybackTokenIssuer": (
        "issuer = ivs.PlaybackTokenIssuer(stack, 'Watch', signing_key=key, channels=[channel])"
    ),
    "ParticipantTokenIssuer": (
        "ivs.ParticipantTokenIssuer("
        "stack, 'Join', signing_key=key, public_key=public, stages=[stage])"
    ),
    "TokenApi": (
        "ivs.TokenApi(stack, 'Api', routes={'/watch': issuer}, authorizer=ivs.JwtAuthorizer("
        "issuer='https://login.example.com', audience=['a1b2'], claim='sub'))"
    ),
    "CompositionAutomation": (
        "ivs.CompositionAutomation("
        "stack, 'Show', stage=stage, destinations=[ivs.ChannelDestination(channel=channel)])"
    ),
    "LiveChannel": "ivs.LiveChannel(stack, 'LiveChannel', private=True, token_issuer=True)",
    "LiveStage": "ivs.LiveStage(stack, 'LiveStage', recording=True, token_issuer=True)",
    "StageFleet": "rooms = ivs.StageFleet(stack, 'Rooms', max_size=9, token_issuer=True)",
    "ChannelFleet": (
        "creators = ivs.ChannelFleet("
        "stack, 'Creators', max_size=9, authorized=True, token_issuer=True)"
    ),
}
"""The constructs that load no module of the AWS CDK; each stands after what it needs."""

LOADING = {
    "RecordingBucket": "is an aws_s3.Bucket",
    "TokensLayer": "is an aws_lambda.LayerVersion",
    "RecommendedAlarms": "hands out aws_cloudwatch.Alarm",
    "OperationsDashboard": "hands out and takes metrics and alarms of aws_cloudwatch",
}
"""Those that load some, each with its reason."""


def test_each_construct_is_known_to_load_modules_or_not() -> None:
    ivs_constructs.ensure_node()
    from constructs import Construct

    found = {name: getattr(ivs_constructs, name) for name in ivs_constructs.__all__}
    constructs = {
        name
        for name, each in found.items()
        if isinstance(each, type) and issubclass(each, Construct) and each.__name__ == name
    }

    assert constructs == CLEAN.keys() | LOADING.keys()


def test_no_construct_loads_a_module_that_the_program_did_not_name() -> None:
    note = (
        "loaded[{name!r}] = sorted("
        "each for each in set(sys.modules) - seen if each.startswith('aws_cdk.aws_'))\n"
        "seen |= set(sys.modules)\n"
    )
    fleets = (
        "sign_in = ivs.JwtAuthorizer(issuer='https://a.example', audience=['a'], claim='sub')\n"
        "routes = {each.node.id: ivs.TokenRoute(issuer=each, key_claim='r')"
        " for each in (rooms, creators)}\n"
        "ivs.TokenApi(stack, 'Fleets', authorizer=sign_in,"
        " routes={f'/{name}': each for name, each in routes.items()})\n"
        "[(each.function_name, each.tags) for each in (rooms, creators)]"
    )
    steps = {**CLEAN, "routes of fleets": fleets, "synth": "app.synth()"}
    defined = "".join(f"{step}\n{note.format(name=name)}" for name, step in steps.items())
    then = (
        "import ivs_constructs as ivs\n"
        "from aws_cdk.interfaces import aws_ivs as references\n"
        f"loaded, seen = {{}}, set(before)\n{defined}"
    )

    assert said_by("loaded", then=then) == {name: [] for name in steps}


def said_by(said: str, *, arguments: str = "", named: str = "", then: str = "") -> Any:  # noqa: ANN401 (JSON)
    program = PROGRAM.format(arguments=arguments, named=named, then=then, said=said)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env={**os.environ, "CDK_VALIDATION": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("arguments", ["", PRIVATE], ids=["public", "private"])
def test_program_loads_only_the_modules_it_names_and_writes_the_same_template(
    arguments: str,
) -> None:
    then = (
        "def loaded(): return sorted(sys.modules.keys() - before)\n"
        "defined = loaded()\n"
        "template = app.synth().get_stack_by_name('Stack').template\n"
    )
    said = "[template, defined, loaded()]"
    template, *loaded = said_by(said, arguments=arguments, then=then)
    same, *_ = said_by(said, arguments=arguments, named=NAMED, then=then)

    for modules in loaded:
        assert "ivs_constructs.patterns.live_channel" in modules
        assert [each for each in modules if each.startswith("aws_cdk.aws_")] == []
    assert "AWS::SecretsManager::Secret" in {
        each["Type"] for each in template["Resources"].values()
    }
    assert json.dumps(template) == json.dumps(same)


def test_who_reads_an_attribute_gets_a_typed_object() -> None:
    read = (
        "from aws_cdk import aws_iam, aws_kms, aws_s3\n"
        "role = aws_iam.Role(stack, 'R', assumed_by=aws_iam.AccountRootPrincipal())\n"
        "for each in (live.bucket, live.stream_key.secret): each.grant_read(role)\n"
        "live.signing_key.grant_sign(role)\n"
        "met = [live.bucket, live.stream_key.secret, live.signing_key.key]\n"
        "app.synth()\n"
        "made = stack.node.find_child('IvsConstructs')\n"
        "parts = [*made.node.children, *made.node.find_child('Policies').node.children]\n"
        "again = stack.node.find_all()\n"
    )
    names = "[[type(each).__name__ for each in (*met, *parts)], all(each in again for each in met)]"
    said = said_by(names, arguments=PRIVATE, then=read)

    expected = ["RecordingBucket", "Secret", "Key"]
    expected += ["LogGroup", "Role", "Function", "Construct", "Construct", "Policy"]
    assert sorted(said[0]) == sorted(expected)
    assert said[1] is True


def test_aspect_meets_typed_objects() -> None:
    visit = (
        "import jsii\n"
        "@jsii.implements(cdk.IAspect)\n"
        "class Visitor:\n"
        "    seen = set()\n"
        "    def visit(self, node): self.seen.add(type(node).__module__ + type(node).__name__)\n"
        "cdk.Aspects.of(app).add(Visitor())\n"
        "app.synth()\n"
    )
    seen = said_by("sorted(Visitor.seen)", arguments=PRIVATE, then=visit)

    assert {"aws_cdk.aws_secretsmanagerSecret", "aws_cdk.aws_kmsKey", "aws_cdk.aws_iamRole"} <= {
        *seen
    }
    assert "ivs_constructs.low_latency.recording_bucketRecordingBucket" in seen
    assert [each for each in seen if "by_name" in each] == []
