"""Values that the CDK CLI looks up: the first synthesis has to succeed without them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam, aws_ssm
from constructs import Construct

import ivs_constructs as ivs

ENV = cdk.Environment(account="123456789012", region="us-west-2")
LookUp = Callable[[str], str]


def channels(stack: cdk.Stack, look_up: LookUp) -> None:
    name, kind = look_up("name"), look_up("type")
    ivs.Channel(stack, "Channel", channel_name=name, type=kind, tags={"team": look_up("team")})
    imported = ivs.Channel.from_channel_arn(stack, "Imported", look_up("arn"))
    imported.add_stream_key("Key")
    imported.on_stream_start("Started")
    role = aws_iam.Role(stack, "Role", assumed_by=aws_iam.AccountRootPrincipal())
    imported.grants.reset_stream_key(role)
    ivs.ApiCall("ivs", "StopStream", channel_arn=imported).grant(role)
    imported.metric_concurrent_views().create_alarm(
        stack, "Many", threshold=1, evaluation_periods=1
    )


def recordings(stack: cdk.Stack, look_up: LookUp) -> None:
    made = ivs.RecordingConfiguration(
        stack, "Recording", recording_configuration_name=look_up("name")
    )
    ivs.Channel(stack, "Recorded", recording_configuration=made)
    imported = ivs.RecordingConfiguration.from_arn(stack, "Imported", look_up("recording"))
    cdk.CfnOutput(stack, "Id", value=imported.recording_configuration_id)


def private_channels(stack: cdk.Stack, look_up: LookUp) -> None:
    ivs.PlaybackKeyPair(stack, "Keys", public_key_material=look_up("pem"))
    ivs.PlaybackRestrictionPolicy(
        stack,
        "Policy",
        allowed_countries=[look_up("country")],
        allowed_origins=[f"https://{look_up('host')}"],
    )
    live = ivs.LiveChannel(stack, "Live", private=True, recording=False, token_issuer=True)
    ivs.TokenApi(
        stack,
        "Api",
        routes={"/watch": live.token_issuer},
        authorizer=ivs.JwtAuthorizer(
            issuer=look_up("issuer"), audience=[look_up("audience")], claim="sub"
        ),
        allowed_origins=[look_up("site")],
    )


def stages(stack: cdk.Stack, look_up: LookUp) -> None:
    stage = ivs.Stage(stack, "Stage", stage_name=look_up("stage"))
    ivs.IngestConfiguration(stack, "Ingest", stage=stage, user_id=look_up("user"))
    imported = ivs.Stage.from_stage_arn(stack, "Imported", look_up("arn"))
    destination = ivs.ChannelDestination(
        channel=ivs.Channel.from_channel_arn(stack, "Channel", look_up("channel"))
    )
    layout = ivs.GridLayout(featured_participant_attribute=look_up("attribute"))
    ivs.CompositionAutomation(
        stack, "Show", stage=imported, destinations=[destination], layout=layout
    )
    ivs.StageFleet(stack, "Fleet", max_size=5, stage_name=look_up("member"))


@pytest.mark.parametrize("define", [channels, recordings, private_channels, stages])
def test_synthesis_succeeds_so_that_the_cli_can_look_them_up(
    define: Callable[[cdk.Stack, LookUp], None],
) -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Stack", env=ENV)
    asked: set[str] = set()

    def look_up(name: str) -> str:
        asked.add(f"/live/{name}")
        return aws_ssm.StringParameter.value_from_lookup(stack, f"/live/{name}")

    define(stack, look_up)

    manifest = Path(app.synth().directory, "manifest.json").read_text(encoding="utf-8")
    missing = [each["props"]["parameterName"] for each in json.loads(manifest)["missing"]]
    assert set(missing) == asked


def test_what_was_looked_up_is_judged(app: cdk.App) -> None:
    key = f"ssm:account={ENV.account}:parameterName=/live/arn:region={ENV.region}"
    app.node.set_context(key, "AbCdEfGh")
    stack = cdk.Stack(app, "Stack", env=ENV)
    arn = aws_ssm.StringParameter.value_from_lookup(stack, "/live/arn")
    assert arn == "AbCdEfGh"

    with pytest.raises(ivs.InvalidPropertyError, match="that is only the id"):
        ivs.Channel.from_channel_arn(stack, "Channel", arn)


def test_dynamic_references_go_into_the_template(
    stack: cdk.Stack, template: Callable[[Construct], dict[str, Any]]
) -> None:
    name = "{{resolve:ssm:/live/name}}"
    ivs.Channel(stack, "Channel", channel_name=name)
    ivs.Stage(stack, "Stage", stage_name=name)

    found = template(stack)["Resources"].values()
    assert [each["Properties"]["Name"] for each in found if "Name" in each["Properties"]] == [
        name,
        name,
    ]
