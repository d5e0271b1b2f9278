"""Properties as CloudFormation sends them, replies and log lines."""

from __future__ import annotations

import contextlib
import json
import string
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from ivs_constructs._lambda.ivs_handler import lifecycle, specs, wire
    from ivs_constructs._lambda.ivs_handler.specs import prop
    from tests.unit.handler.conftest import CloudFormation
else:
    from ivs_handler import lifecycle, specs, wire
    from ivs_handler.specs import prop

from tests.amazon_s3 import HOST
from tests.unit.handler.conftest import Pauses

STAGE, ENCODER, STORAGE, INGEST, SLATE, ASSOCIATIONS = specs.CUSTOM_RESOURCES


def request(**fields: object) -> wire.Request:
    event = {
        "RequestType": "Create",
        "ResponseURL": f"https://{HOST}/?X-Amz-Signature=5ec12e7",
        "StackId": "stack",
        "RequestId": "request",
        "ResourceType": "Custom::IVSStage",
        "LogicalResourceId": "R",
        "ResourceProperties": {},
        **fields,
    }
    return wire.read(event)


def members(spec: prop.CustomResourceSpec, properties: dict[str, object]) -> dict[str, Any]:
    return wire.decode(spec, properties, "App/It").members


def problems(spec: prop.CustomResourceSpec, properties: dict[str, object]) -> list[str]:
    with pytest.raises(wire.InvalidError) as caught:
        wire.decode(spec, properties, "App/It")
    first, *lines = str(caught.value).split("\n  - ")
    count = "1 invalid property" if len(lines) == 1 else f"{len(lines)} invalid properties"
    assert first == f"{spec.name} 'App/It' has {count}:"
    return lines


# Decoding


@pytest.mark.parametrize(
    ("video", "expected"),
    [
        ({"Width": "1280"}, {"width": 1280}),
        ({"Width": 1280}, {"width": 1280}),
        ({"Framerate": "29.97"}, {"framerate": 29.97}),
        ({"Framerate": 29.97}, {"framerate": 29.97}),
        ({"Framerate": "30.0"}, {"framerate": 30}),
        ({"Bitrate": "8500000", "Height": None}, {"bitrate": 8_500_000}),
    ],
)
def test_numbers(video: dict[str, object], expected: dict[str, object]) -> None:
    decoded = members(ENCODER, {"Video": video})["video"]

    assert decoded == expected
    assert [type(value) for value in decoded.values()] == [
        type(value) for value in expected.values()
    ]


WRONG_NUMBERS = [
    *("wide", " 12", "12\n", "1_2", "٣", "nan", "1e9", "9" * 99, ""),
    *(True, ["2"], {}, 10**5000, float("nan"), float("inf")),
]


@pytest.mark.parametrize("value", WRONG_NUMBERS, ids=range(len(WRONG_NUMBERS)))
def test_wrong_number(value: object) -> None:
    assert problems(ENCODER, {"Video": {"Width": value}}) == ["Video.Width must be a number"]


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("false", False), (True, True), (False, False)]
)
def test_booleans(value: object, expected: bool) -> None:
    given = {"IngestProtocol": "RTMP", "InsecureIngest": value}

    assert members(INGEST, given)["insecureIngest"] is expected


@pytest.mark.parametrize("value", ["True", "yes", "1", 1, "", [], {}])
def test_wrong_boolean(value: object) -> None:
    given = {"IngestProtocol": "RTMP", "InsecureIngest": value}

    assert problems(INGEST, given) == ["InsecureIngest must be true or false"]


@pytest.mark.parametrize(
    ("spec", "properties", "problem"),
    [
        (STAGE, {"Name": 5}, "Name must be a string"),
        (STAGE, {"X": "1"}, "X is not known"),
        (ENCODER, {"Video": {"Depth": "1"}}, "Video.Depth is not known"),
        (ENCODER, {"Video": "big"}, "Video must be a structure"),
        (STORAGE, {}, "S3 is required"),
        (STORAGE, {"S3": {}}, "S3.BucketName is required"),
        (
            INGEST,
            {"IngestProtocol": "RTMP", "Attributes": {"a": ["b"]}},
            "Attributes.a must be a string",
        ),
        (STAGE, {"Tags": {"a": "b"}}, "Tags must be a list of tags"),
        (STAGE, {"Tags": ["a"]}, "Tags.0 must be a structure"),
        (STAGE, {"Tags": [{"Value": "1"}]}, "Tags.0.Key is required"),
        (STAGE, {"Tags": [{"Key": "a"}]}, "Tags.0.Value is required"),
    ],
)
def test_wrong_property(
    spec: prop.CustomResourceSpec, properties: dict[str, object], problem: str
) -> None:
    assert problems(spec, properties) == [problem]


@pytest.mark.parametrize("media", ["AUDIO_VIDEO", {}])
def test_wrong_list(media: object) -> None:
    recording = {"StorageConfigurationArn": "arn", "MediaTypes": media}

    [told] = problems(STAGE, {"AutoParticipantRecordingConfiguration": recording})

    assert told == "AutoParticipantRecordingConfiguration.MediaTypes must be a list"


def test_limits_are_left_to_the_api() -> None:
    assert members(STAGE, {"Name": "n o" * 99}) == {"name": "n o" * 99}
    assert members(ENCODER, {"Video": {"Width": "99999"}}) == {"video": {"width": 99999}}


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(ENCODER, {"Video": {"Width": "a", "Height": "b"}, "X": 1})) == 3


def test_no_value_is_shown() -> None:
    told = problems(STAGE, {"Name": ["hush"], "InUse": "hush", "Tags": [{"Key": ["hush"]}]})

    assert "hush" not in str(told)


def test_tags() -> None:
    tags = [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "2"}]

    assert wire.decode(STAGE, {"Tags": tags}, "").tags == {"a": "", "b": "2"}
    assert "tags" not in members(STAGE, {"Tags": tags})


@pytest.mark.parametrize("key", ["aws:a", "AWS:a", "ivs-constructs:id", "IVS-Constructs:Stack"])
def test_reserved_tags(key: str) -> None:
    assert problems(STAGE, {"Tags": [{"Key": key, "Value": ""}]}) == [
        "Tags must have no key that starts with aws: or ivs-constructs:"
    ]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
names = st.sampled_from(
    sorted({prop.cfn for spec in specs.CUSTOM_RESOURCES for prop in spec.props} | {"InUse", "X"})
)


@settings(deadline=None)
@given(st.sampled_from(specs.CUSTOM_RESOURCES), st.dictionaries(names, json_like))
def test_decoding_refuses_in_its_own_words_only(
    spec: prop.CustomResourceSpec, properties: dict[str, object]
) -> None:
    with contextlib.suppress(wire.InvalidError):
        wire.decode(spec, properties, "App/It")
    assert lifecycle.mark_of(spec, request(), properties).startswith("ivsc1-")


# Requests


def test_request_does_not_show_its_address() -> None:
    assert "5ec12e7" not in repr(request())


@pytest.mark.parametrize("field", ["StackId", "LogicalResourceId", "RequestId"])
@pytest.mark.parametrize("value", [None, "", 5])
def test_missing_field(field: str, value: object) -> None:
    with pytest.raises(wire.InvalidError, match=f"the request lacks {field}"):
        wire.check(request(**{field: value}))


def test_unknown_kind_of_request() -> None:
    with pytest.raises(wire.InvalidError, match="Create, Update or Delete, got 'Read'"):
        wire.check(request(RequestType="Read"))


# Replies


@settings(deadline=None)
@given(
    st.text(alphabet=string.printable + "äß€😀\x00\ud800", max_size=300),
    st.integers(1, 300),
)
def test_failure_fits_and_keeps_its_cause(cause: str, times: int) -> None:
    reason = f"Stage 'App/It': DeleteStage failed: {cause * times} in use by arn:held"

    body = wire.reply(request(), "ivsc1-0", reason=reason)

    told = json.loads(body)
    assert len(body) <= wire.LARGEST_REPLY
    assert told["Status"] == "FAILED"
    assert told["Reason"].startswith("Stage 'App/It': DeleteStage failed: ")
    assert told["Reason"].endswith(" in use by arn:held")
    assert "Data" not in told


@pytest.mark.parametrize("extra", range(-3, 4))
def test_reason_is_cut_only_if_it_must_be(extra: int) -> None:
    room = wire.LARGEST_REPLY - len(wire.reply(request(), "ivsc1-0", reason="x")) + 1
    reason = "x" * (room + extra)

    told = json.loads(wire.reply(request(), "ivsc1-0", reason=reason))["Reason"]

    assert (told == reason) == (extra <= 0)
    assert len(told) > room * 4 // 5


def test_success_that_does_not_fit_is_a_failure() -> None:
    body = wire.reply(request(), "ivsc1-0", data={"Arn": "a" * 5000})

    assert len(body) <= wire.LARGEST_REPLY
    assert json.loads(body)["Status"] == "FAILED"


def test_reply_of_success() -> None:
    assert json.loads(wire.reply(request(), "ivsc1-0", data={"Arn": "a"})) == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": "ivsc1-0",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "R",
        "Data": {"Arn": "a"},
    }


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    monkeypatch.setattr("ivs_handler.wire.random.uniform", lambda low, _: low)
    taken = Pauses()
    monkeypatch.setattr(wire, "time", taken)
    return taken


@pytest.mark.parametrize("trouble", [500, 503, 403, 301, None])
@pytest.mark.parametrize("times", [1, 4])
def test_undelivered_reply_is_sent_again(
    cloudformation: CloudFormation, pauses: Pauses, trouble: int | None, times: int
) -> None:
    cloudformation.puts = [trouble] * times

    wire.deliver(f"https://{HOST}/a/b?c=d%2Fe", b"{}", 60)

    assert len(pauses.taken) == times
    assert cloudformation.attempts == times + 1
    assert cloudformation.replies == [{"size": 2, "at": "/a/b?c=d%2Fe"}]
    # The signature of the address is for an empty content type.
    assert cloudformation.headers[0]["Content-Type"] == ""


@pytest.mark.parametrize("trouble", [500, 403, None])
@pytest.mark.parametrize("seconds", [0, 400])
def test_reply_is_tried_until_the_time_is_over(
    cloudformation: CloudFormation, pauses: Pauses, trouble: int | None, seconds: int
) -> None:
    cloudformation.puts = [trouble] * 999

    with pytest.raises(wire.UndeliveredError) as caught:
        wire.deliver(f"https://{HOST}/a?X-Amz-Signature=5ec12e7", b"{}", seconds)

    assert cloudformation.attempts == 1 + len(pauses.taken)
    assert seconds - wire.LONGEST_REPLY_PAUSE < sum(pauses.taken) <= seconds
    assert caught.value.__context__ is None
    # Whoever invokes the function learns nothing of what answered.
    assert str(caught.value) == "the reply could not be delivered"
    assert "5ec12e7" not in caught.value.problem


def test_pauses_between_replies_grow(cloudformation: CloudFormation, pauses: Pauses) -> None:
    cloudformation.puts = [500] * 99

    with pytest.raises(wire.UndeliveredError):
        wire.deliver(f"https://{HOST}/", b"{}", 15)

    assert pauses.taken == [0.5, 1.0, 2.0, 4.0, 4.0]


@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/arn%3Aaws?X-Amz-Signature=0",
        "https://bucket.s3.amazonaws.com/a?b=c",
        "https://bucket.s3-us-west-2.amazonaws.com/a",
        "https://bucket.s3.eu-central-1.amazonaws.com/a",
        "https://bucket.s3.dualstack.eu-central-1.amazonaws.com/a",
        "https://bucket.s3-fips.us-gov-west-1.amazonaws.com/a",
        "https://bucket.s3-fips.dualstack.us-gov-east-1.amazonaws.com/a",
        "https://bucket.s3.cn-north-1.amazonaws.com.cn/a",
        "https://bucket.s3.dualstack.cn-northwest-1.amazonaws.com.cn/a",
        "https://s3.us-east-1.amazonaws.com/bucket/a",
    ],
)
def test_addresses_of_amazon_s3(url: str) -> None:
    assert wire.is_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://bucket.s3.amazonaws.com/a",
        "file:///etc/passwd",
        "https://example.com/a",
        "https://example.com/?bucket.s3.amazonaws.com/a",
        "https://bucket.s3.amazonaws.com.example.com/a",
        "https://bucket.s3.amazonaws.com@example.com/a",
        "https://bucket.s3.amazonaws.com:8443/a",
        "https://user@bucket.s3.amazonaws.com/a",
        "https://example.com\\.s3.amazonaws.com/a",
        "https://example.com#.s3.amazonaws.com/a",
        "https://notS3.amazonaws.com/a",
        "https://bucket.xs3.amazonaws.com/a",
        "https://bucket.s3-website-us-east-1.amazonaws.com/a",
        "https://bucket.s3.us-east-1.vpce.amazonaws.com/a",
        "https://abc.execute-api.us-east-1.amazonaws.com/s3.amazonaws.com/",
        "https://169.254.169.254/a",
        "https://bucket.s3.amazonaws.com",
        "https://bucket.s3.amazonaws.com/a b",
        "https://bucket.s3.amazonaws.com/a\n",
        "https://bucket.s3.amazonaws.com/ä",
    ],
)
def test_other_addresses(url: str) -> None:
    assert not wire.is_address(url)


def test_certificate_is_checked(
    cloudformation: CloudFormation, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(wire.UndeliveredError) as caught:
        wire.deliver(f"https://{HOST}/a", b"{}", 0)

    assert caught.value.problem == "SSLCertVerificationError"
    assert cloudformation.attempts == len(pauses.taken) == 0


def test_log_has_harmless_fields_only(capsys: pytest.CaptureFixture[str]) -> None:
    wire.log(request(), operation="CreateStage", arn="arn", outcome="ok")

    assert json.loads(capsys.readouterr().out) == {
        "type": "Custom::IVSStage",
        "logicalId": "R",
        "requestId": "request",
        "operation": "CreateStage",
        "arn": "arn",
        "outcome": "ok",
    }


# Ids

properties_of_encoders = st.fixed_dictionaries(
    {},
    optional={
        "Name": st.text("abc-_", max_size=5),
        "Video": st.fixed_dictionaries(
            {},
            optional={
                "Width": st.integers(2, 1920),
                "Height": st.integers(2, 1920),
                "Bitrate": st.integers(1, 8_500_000),
            },
        ),
    },
)
words = st.text(string.ascii_letters + string.digits, min_size=1, max_size=9)


def strings(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """What CloudFormation makes of a value, in another order."""
    if isinstance(value, dict):
        return {name: strings(each) for name, each in reversed(value.items())}
    return str(value)


def id_of(properties: dict[str, Any], **fields: object) -> str:
    return lifecycle.mark_of(ENCODER, request(**fields), properties)


@settings(deadline=None)
@given(properties_of_encoders, words, words)
def test_id_depends_on_nothing_that_changes(
    properties: dict[str, Any], stack: str, name: str
) -> None:
    place: dict[str, object] = {"StackId": stack, "LogicalResourceId": name}
    tags = [{"Key": "a", "Value": "b"}]

    expected = id_of(properties, **place)

    assert expected == id_of(strings(properties), **place, RequestId="other", RequestType="Update")
    assert expected == id_of({**properties, "Tags": tags, "InUse": "STOP"}, **place)
    assert lifecycle._OWN_ID.fullmatch(expected)


@settings(deadline=None)
@given(properties_of_encoders, properties_of_encoders)
def test_ids_differ_with_what_cannot_change(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (id_of(one) == id_of(other)) == (one == other)


@settings(deadline=None)
@given(st.tuples(words, words), st.tuples(words, words))
def test_ids_differ_with_the_place(one: tuple[str, str], other: tuple[str, str]) -> None:
    ids = [id_of({}, StackId=stack, LogicalResourceId=name) for stack, name in (one, other)]

    assert (ids[0] == ids[1]) == (one == other)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["Name"]), words))
def test_id_of_a_stage_stays_when_its_name_changes(properties: dict[str, str]) -> None:
    assert lifecycle.mark_of(STAGE, request(), properties) == lifecycle.mark_of(
        STAGE, request(), {}
    )


def test_id_does_not_depend_on_the_order_of_attributes() -> None:
    one, other = (
        {"IngestProtocol": "RTMPS", "Attributes": each}
        for each in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    )

    assert lifecycle.mark_of(INGEST, request(), one) == lifecycle.mark_of(INGEST, request(), other)


def test_id_is_the_one_of_every_release() -> None:
    # Another one would make every resource of every user anew.
    properties = {"Video": {"Width": "1280"}, "Name": "a"}

    assert id_of(properties) == "ivsc1-76b6faede198bc40d77b107e"


def test_failure_of_what_exists_keeps_its_id() -> None:
    known = request(RequestType="Update", PhysicalResourceId="known")
    fresh = request()

    assert lifecycle.failed_id(STAGE, known) == "known"
    assert lifecycle.failed_id(STAGE, fresh) == lifecycle.mark_of(STAGE, fresh, {})
    assert lifecycle.failed_id(None, fresh).startswith("ivsc1-")
