"""What a message advises after a common slip."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms, aws_s3

import ivs_constructs as ivs

ARN = "arn:aws:ivs:us-east-1:123456789012"
FORM = "channel_arn must be arn:<partition>:ivs:<region>:<account>:channel/<id>, got "


def problems(make: Callable[[], object]) -> list[str]:
    with pytest.raises(ivs.InvalidPropertyError) as error:
        make()
    return [each.message for each in error.value.failures]


def test_timedelta_for_a_duration(stack: cdk.Stack) -> None:
    slip: Any = timedelta(minutes=2)
    assert problems(
        lambda: ivs.RecordingConfiguration(stack, "It", recording_reconnect_window=slip)
    ) == [
        "recording_reconnect_window must be a Duration of aws_cdk, got "
        "datetime.timedelta(seconds=120) (timedelta); write Duration.seconds(120)"
    ]


def test_object_of_the_cdk_for_a_string(stack: cdk.Stack) -> None:
    slip: Any = cdk.Duration.seconds(5)
    assert problems(lambda: ivs.Channel(stack, "It", channel_name=slip)) == [
        "channel_name must be a string, got a Duration"
    ]


@pytest.mark.parametrize("name", ["Channel", "Stage", "LiveChannel", "RecordingBucket"])
def test_scope_and_id_are_swapped(stack: cdk.Stack, name: str) -> None:
    with pytest.raises(ivs.InvalidScopeError) as error:
        getattr(ivs, name)("C", stack)
    assert str(error.value) == (
        f"{name}: scope and id are swapped, got 'C' as scope; write {name}(self, 'C', ...)"
    )


@pytest.mark.parametrize(
    ("arn", "advice"),
    [
        ("AbCdEf", "; that is only the id, write the whole ARN"),
        (f"{ARN}:stage/AbC", "; that is a stage"),
        (f"{ARN}:recording-configuration/AbC", "; that is a recording configuration"),
        (f"{ARN}:channel/*", "; name one resource"),
        (f"{ARN}:channel/A?C", "; name one resource"),
        (f"{ARN}:channel/", ""),
        (f"{ARN[:-1]}:channel/AbC", "; an account has 12 digits, this one 11"),
        (f"{ARN}4:channel/AbC", "; an account has 12 digits, this one 13"),
        ("", ""),
        (
            "{{resolve:ssm:/live/channel:2}}",
            "; read it with aws_ssm.StringParameter.value_for_string_parameter(self, "
            "'/live/channel')",
        ),
        ("{{resolve:secretsmanager:live:SecretString:channel}}", ""),
    ],
)
def test_arn_of_something_else(stack: cdk.Stack, arn: str, advice: str) -> None:
    found = problems(lambda: ivs.Channel.from_channel_arn(stack, "It", arn))
    assert found == [f"{FORM}'{arn}'{advice}"]


def test_region_with_a_slip(app: cdk.App) -> None:
    stack = cdk.Stack(app, "There", env=cdk.Environment(region="us-east1"))
    [found] = problems(lambda: ivs.Channel(stack, "It"))
    assert "got us-east1; change the stack's env (did you mean 'us-east-1'?), or" in found


def test_whip_is_no_ingest_protocol(stack: cdk.Stack) -> None:
    assert problems(lambda: ivs.IngestConfiguration(stack, "It", ingest_protocol="whip")) == [
        "ingest_protocol must be one of RTMP, RTMPS, got 'WHIP'; WHIP needs no ingest "
        "configuration: publish to stage.whip_endpoint with a participant token"
    ]


def test_one_failure_for_one_wrong_key(stack: cdk.Stack) -> None:
    tracks = {"maximumResolution": "HD", "policy": "ALLOW"}
    assert problems(lambda: ivs.Channel(stack, "It", multitrack_input_configuration=tracks)) == [
        "multitrack_input_configuration must have the keys maximum_resolution, policy, enabled, "
        "got 'maximumResolution'; did you mean 'maximum_resolution'?"
    ]
    # What was meant is judged all the same.
    assert (
        len(
            problems(
                lambda: ivs.Channel(
                    stack, "It", multitrack_input_configuration={**tracks, "policy": "MAYBE"}
                )
            )
        )
        == 2
    )


# literal wildcards beside deploy-time values


@pytest.mark.parametrize(
    "end",
    ["channel/*", "channel/Ab*", "channel/A?", "*", "stage/AbC", "channel/a/b"],
)
def test_arn_with_tokens_is_judged_in_its_literal_parts(stack: cdk.Stack, end: str) -> None:
    arn = f"arn:{cdk.Aws.PARTITION}:ivs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:{end}"
    [found] = problems(lambda: ivs.Channel.from_channel_arn(stack, "It", arn))
    assert found.startswith(FORM)


@pytest.mark.parametrize("place", ["*", "eu-*-1", "eu west"])
def test_region_in_an_arn_with_tokens(stack: cdk.Stack, place: str) -> None:
    arn = f"arn:{cdk.Aws.PARTITION}:ivs:{place}:{cdk.Aws.ACCOUNT_ID}:channel/AbC"
    [found] = problems(lambda: ivs.Channel.from_channel_arn(stack, "It", arn))
    assert found.startswith(FORM)


def test_arns_that_may_fit_are_taken(stack: cdk.Stack) -> None:
    token = cdk.CfnParameter(stack, "Parameter").value_as_string
    for number, arn in enumerate(
        [
            token,
            f"arn:aws:ivs:us-east-1:123456789012:channel/{token}",
            f"arn:aws:ivs:{token}:123456789012:channel/Ab-C",
            f"arn:aws:ivs:us-east-1:123456789012:{token}",
            f"{token}/AbC",
        ]
    ):
        assert ivs.Channel.from_channel_arn(stack, f"It{number}", arn).channel_arn == arn


def test_signing_key_is_one_key(stack: cdk.Stack) -> None:
    start = "arn:aws:kms:us-east-1:123456789012"
    wrong = [f"{start}:key/*", f"{start}:key/${{aws:PrincipalTag/key}}", f"{start}:alias/tokens"]
    for number, arn in enumerate(wrong):
        key = aws_kms.Key.from_key_arn(stack, f"Key{number}", arn)
        [found] = problems(lambda key=key: ivs.TokenSigningKey.from_key(stack, "It", key))  # type: ignore[misc]  # a lambda with a default
        assert found.startswith("key must be ")
    key = aws_kms.Key.from_key_arn(stack, "Key", f"{start}:key/1234abcd")
    assert ivs.TokenSigningKey.from_key(stack, "It", key).key_arn == f"{start}:key/1234abcd"


@pytest.mark.parametrize("end", ["*", "?", "/${aws:PrincipalTag/channel}", "${*}"])
def test_text_beside_a_deploy_time_value_is_judged(stack: cdk.Stack, end: str) -> None:
    given = cdk.CfnParameter(stack, "Given").value_as_string
    for start in (given, f"arn:aws:ivs:{given}"):
        arn = start + end
        [found] = problems(partial(ivs.Channel.from_channel_arn, stack, "It", arn))
        assert found.endswith("; name one resource")


@pytest.mark.parametrize("partition", ["aws", cdk.Aws.PARTITION])
@pytest.mark.parametrize("name", ["*", "my-*", "a?c", "${aws:username}"])
def test_bucket_is_one_bucket(stack: cdk.Stack, partition: str, name: str) -> None:
    arn = f"arn:{partition}:s3:::{name}"
    bucket = aws_s3.Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_arn=arn, bucket_name="recordings"
    )
    assert problems(lambda: ivs.StorageConfiguration(stack, "It", bucket=bucket)) == [
        f"bucket must be one S3 bucket, got the ARN '{arn}'; name one bucket"
    ]


# reserved tags


@pytest.mark.parametrize(
    "key", ["ivs-constructs:stack", "IVS-Constructs:Stack", "AWS:cdk", "Aws:x"]
)
def test_reserved_tags_in_any_case(stack: cdk.Stack, key: str) -> None:
    [found] = problems(lambda: ivs.Stage(stack, "It", tags={key: "x"}))
    assert found.startswith("tags must not have keys that start with ")


# empty values


def test_empty_preset_is_what_amazon_ivs_has(stack: cdk.Stack) -> None:
    for number, kind in enumerate(("BASIC", "STANDARD", "ADVANCED_HD", None)):
        ivs.Channel(stack, f"It{number}", type=kind, preset="")
    assert problems(lambda: ivs.Channel(stack, "It", preset=" "))
    assert problems(lambda: ivs.Channel(stack, "It", type=""))


# places


def test_signing_key_of_another_place(app: cdk.App) -> None:
    def stack_in(region: str, account: str = "123456789012") -> cdk.Stack:
        env = cdk.Environment(region=region, account=account)
        return cdk.Stack(app, f"In{region}{account}", env=env)

    here = stack_in("eu-west-1")
    there = ivs.TokenSigningKey(stack_in("us-east-1"), "Key")
    foreign = ivs.TokenSigningKey(stack_in("eu-west-1", "111111111111"), "Key")
    imported = ivs.TokenSigningKey.from_key(
        here,
        "Imported",
        aws_kms.Key.from_key_arn(here, "Key", "arn:aws:kms:us-west-2:123456789012:key/1234abcd"),
    )
    for kind in (ivs.PlaybackKeyPair, ivs.PublicKey):
        for key, place in (
            (there, "Region eu-west-1, got one in us-east-1"),
            (imported, "Region eu-west-1, got one in us-west-2"),
            (foreign, "account 123456789012, got one in 111111111111"),
        ):
            [found] = problems(lambda kind=kind, key=key: kind(here, "It", signing_key=key))  # type: ignore[misc]  # a lambda with defaults
            assert found.startswith(f"signing_key must be in the stack's {place}; ")
    [found] = problems(lambda: ivs.LiveChannel(here, "It", signing_key=there))
    assert found.startswith("signing_key must be in ")
    ivs.PlaybackKeyPair(here, "Pair", signing_key=ivs.TokenSigningKey(here, "Own"))


def test_logs_of_another_place(app: cdk.App) -> None:
    here, there = (
        cdk.Stack(app, region, env=cdk.Environment(region=region, account="123456789012"))
        for region in ("eu-west-1", "us-east-1")
    )
    logs = aws_s3.Bucket(there, "Logs")
    assert problems(lambda: ivs.RecordingBucket(here, "It", server_access_logs_bucket=logs)) == [
        "server_access_logs_bucket must be in the stack's Region eu-west-1, got one in us-east-1; "
        "Amazon S3 logs within one Region, so use one from there"
    ]


def test_id_and_arn_are_swapped(stack: cdk.Stack) -> None:
    [found] = problems(lambda: ivs.Channel.from_channel_arn(stack, f"{ARN}:channel/AbC", "It"))
    assert found == (
        f"id and channel_arn are swapped, got '{ARN}:channel/AbC' as id; write the id first"
    )


SLIPS: list[tuple[Callable[[cdk.Stack], object], str]] = [
    (
        lambda s: ivs.Channel.from_channel_arn(s, "It", f"{ARN}:channel/AbC".encode()),  # type: ignore[arg-type]  # the slip
        "; pass its text with .decode()",
    ),
    (
        lambda s: ivs.Channel.from_channel_arn(s, "It", f" {ARN}:channel/AbC"),
        "; drop the whitespace around it",
    ),
    (
        lambda s: ivs.Channel.from_channel_arn(s, "It", ivs.Channel(s, "C")),  # type: ignore[arg-type]  # the slip
        "; pass its attribute channel_arn",
    ),
    (
        lambda s: ivs.Channel(s, "It", recording_configuration=aws_s3.Bucket(s, "B")),  # type: ignore[arg-type]  # the slip
        "; write RecordingConfiguration(self, 'Recording', bucket=...) around it",
    ),
    (
        lambda s: ivs.StreamKey(s, "It", channel=[ivs.Channel(s, "C")]),  # type: ignore[arg-type]  # the slip
        "; drop the [ ]",
    ),
    (
        lambda s: ivs.RecordingConfiguration(s, "It", bucket=aws_s3.Bucket),  # type: ignore[arg-type]  # the slip
        "got the class Bucket; make an instance of it and pass that",
    ),
    (
        lambda s: ivs.RecordingConfiguration(
            s,
            "It",
            rendition_configuration=ivs.RenditionConfiguration.all,  # type: ignore[arg-type]  # the slip
        ),
        "; call it, with parentheses",
    ),
    (
        lambda _: ivs.RenditionConfiguration.custom(["720p"]),
        "got '720p'; did you mean 'HD'?",
    ),
    (
        lambda s: ivs.Channel(s, "C").metric("ConcurrentViews", period=60),  # type: ignore[arg-type]  # the slip
        "period must be a Duration of aws_cdk, got 60 (int); write Duration.seconds(60)",
    ),
    (
        lambda s: ivs.Channel(s, "C").metric("ConcurrentViews", period=timedelta(minutes=1)),  # type: ignore[arg-type]  # the slip
        "(timedelta); write Duration.seconds(60)",
    ),
    (
        lambda s: ivs.Stage(s, "It", auto_participant_recording=ivs.StorageConfiguration(s, "S")),  # type: ignore[arg-type]  # the slip
        "; write AutoParticipantRecording(storage_configuration=...)",
    ),
    (
        lambda s: ivs.LiveStage(s, "It", recording=aws_s3.Bucket(s, "B")),  # type: ignore[arg-type]  # the slip
        "; pass a bucket as bucket",
    ),
    (
        lambda s: ivs.PlaybackKeyPair(s, "It", signing_key="arn:aws:kms:us-east-1:1:key/a"),  # type: ignore[arg-type]  # the slip
        "; import it with aws_kms.Key.from_key_arn(...), and write "
        "TokenSigningKey.from_key(self, 'SigningKey', ...) around that",
    ),
    (
        lambda s: ivs.Channel(s, "C").grants.read([]),  # type: ignore[arg-type]  # the slip
        "; call this once for each of them",
    ),
    (
        lambda s: ivs.Channel(s, "C").on_stream_start("R", target="arn:aws:sns:us-east-1:1:t"),  # type: ignore[arg-type]  # the slip
        "; import the resource, and write the target of aws_events_targets around it",
    ),
]


SLIPS += [
    (lambda s: ivs.Channel(s, "C", container_format="fmp4"), "; did you mean 'FRAGMENTED_MP4'?"),
    (
        lambda s: ivs.StreamKey.from_stream_key_arn(s, "K", "sk_us-east-1_abc"),
        "; that is the stream key itself, a secret: keep it out of code, and pass its ARN",
    ),
    (
        lambda s: ivs.PlaybackKeyPair.from_playback_key_pair_arn(
            s, "K", f"{ARN}:playback-key-pair/AbC"
        ),
        "; in ARNs its type is playback-key",
    ),
    (
        lambda s: ivs.Channel.from_channel_arn(
            s,
            "C",
            "https://a1.us-east-1.playback.live-video.net/api/video/v1/"
            "us-east-1.123456789012.channel.AbC.m3u8",
        ),
        f"; that is a playback URL, write '{ARN}:channel/AbC'",
    ),
    (
        lambda s: ivs.Channel.from_channel_arn(
            s, "C", "arn:aws:mediapackage:us-east-1:123456789012:channels/AbC"
        ),
        "; that is an ARN of the service mediapackage, not of ivs",
    ),
    (
        lambda s: ivs.StageFleet(s, "F", max_size=3, log_retention=7),  # type: ignore[arg-type]  # the slip
        "; write aws_logs.RetentionDays.ONE_WEEK",
    ),
    (
        lambda s: ivs.ChannelFleet(s, "F", max_size=3, idle_after="2 hours"),  # type: ignore[arg-type]  # the slip
        "; write Duration.hours(2)",
    ),
    (
        lambda s: ivs.StageFleet(s, "F", max_size=3, idle_after="soon"),  # type: ignore[arg-type]  # the slip
        "; write one such as Duration.minutes(2)",
    ),
    (
        lambda s: ivs.Channel(s, "C", tags=[cdk.CfnTag(key="team", value="video")]),  # type: ignore[arg-type]  # the slip
        "; write {'team': 'video'}",
    ),
    (
        lambda _: ivs.JwtAuthorizer(issuer="eu-west-1_AbC", audience=["a"], claim="sub"),
        "; write 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC', or "
        "JwtAuthorizer.for_user_pool(user_pool, [client], claim='sub')",
    ),
    (
        lambda _: ivs.JwtAuthorizer(
            issuer="https://login.example.com/.well-known/openid-configuration",
            audience=["a"],
            claim="sub",
        ),
        "; write 'https://login.example.com'",
    ),
    (
        lambda _: ivs.JwtAuthorizer(
            issuer="https://login.example.com", audience=["a"], claim="$.claims.sub"
        ),
        "; write 'sub'",
    ),
    (
        lambda s: ivs.ChannelGrants.by_tag(ivs.ChannelFleet(s, "F", max_size=3)),  # type: ignore[arg-type]  # the slip
        "; pass its attribute tags",
    ),
    (
        lambda s: ivs.Channel(s, "C").on_event(
            "R",
            event_pattern={"detail": {"eventName": ["Stream Start"]}},
        ),
        "; this never matches, write detail.event_name",
    ),
    (
        lambda s: ivs.Channel(s, "C").on_recording_end(
            "R", event_pattern={"detail": {"recordingSessionStreamIds": ["st-1"]}}
        ),
        "; this never matches, write detail.recording_session_stream_ids",
    ),
    (lambda _: ivs.Video(bitrate=2.5), "; it is in bits a second, write 2500000"),
    (
        lambda s: ivs.LiveStage(s, "L", recording=ivs.StorageConfiguration(s, "S")),  # type: ignore[arg-type]  # the slip
        "; write recording=True and storage_configuration=...",
    ),
    (
        lambda s: ivs.ApiCall(
            "ivs", "StopStream", channel_arn=ivs.ChannelFleet(s, "F", max_size=3)
        ),
        "; leave it out of a grant, which is then for all of them, or pass a path",
    ),
]


@pytest.mark.parametrize(("make", "advice"), SLIPS)
def test_slip_is_answered_with_what_to_write(
    stack: cdk.Stack, make: Callable[[cdk.Stack], object], advice: str
) -> None:
    [found] = problems(lambda: make(stack))
    assert found.endswith(advice)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("width", "'width'; write video=Video(width=..., height=...)"),
        ("name", "'name'; did you mean 'encoder_configuration_name'?"),
        (
            "identity",
            "'identity'; it takes video, encoder_configuration_name, in_use, provisioning, tags",
        ),
    ],
)
def test_scope_and_id_are_never_meant(stack: cdk.Stack, name: str, end: str) -> None:
    wrong: dict[str, Any] = {name: 1280}
    with pytest.raises(TypeError) as error:
        ivs.EncoderConfiguration(stack, "It", **wrong)
    assert str(error.value).endswith(f"unexpected keyword argument {end}")
