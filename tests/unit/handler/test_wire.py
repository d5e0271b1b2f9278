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

STAGE, ENCODER, STORAGE, INGEST, SLATE, ASSOCIATIONS = specs.CUSTOM_RESOURCES


def request(**fields: object) -> wire.Request:
    event = {
        "RequestType": "Create",
        "ResponseURL": "http://127.0.0.1:1/?X-Amz-Signature=5ec12e7",
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


@pytest.mark.parametrize(
    ("video", "problem"),
    [
        ({"Width": "1"}, "Video.Width must be 2-1920, got '1'"),
        ({"Width": "1921"}, "Video.Width must be 2-1920, got '1921'"),
        ({"Width": "wide"}, "Video.Width must be a whole number, got 'wide'"),
        ({"Width": "12.5"}, "Video.Width must be a whole number, got '12.5'"),
        ({"Width": " 12"}, "Video.Width must be a whole number, got ' 12'"),
        ({"Width": "12\n"}, "Video.Width must be a whole number, got '12\\n'"),
        ({"Width": "1_2"}, "Video.Width must be a whole number, got '1_2'"),
        ({"Width": "٣"}, "Video.Width must be a whole number, got '٣'"),
        ({"Width": True}, "Video.Width must be a whole number, got True"),
        ({"Width": ["2"]}, "Video.Width must be a whole number, got ['2']"),
        ({"Width": "9" * 99}, f"Video.Width must be a whole number, got '{'9' * 79}…"),
        ({"Framerate": "nan"}, "Video.Framerate must be a number, got 'nan'"),
        ({"Framerate": "0.5"}, "Video.Framerate must be 1-60, got '0.5'"),
        ({"Framerate": "60.1"}, "Video.Framerate must be 1-60, got '60.1'"),
        ({"Depth": "1"}, "Video.Depth is not known; allowed: Width, Height, Framerate, Bitrate"),
        ("big", "Video must be a structure, got 'big'"),
    ],
)
def test_wrong_video(video: object, problem: str) -> None:
    assert problems(ENCODER, {"Video": video}) == [problem]


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("false", False), (True, True), (False, False)]
)
def test_booleans(value: object, expected: bool) -> None:
    given = {"IngestProtocol": "RTMP", "InsecureIngest": value}

    assert members(INGEST, given)["insecureIngest"] is expected


@pytest.mark.parametrize("value", ["True", "yes", "1", 1, "", [], {}])
def test_wrong_boolean(value: object) -> None:
    given = {"IngestProtocol": "RTMP", "InsecureIngest": value}

    assert problems(INGEST, given) == [f"InsecureIngest must be true or false, got {value!r}"]


@pytest.mark.parametrize(
    ("spec", "properties", "problem"),
    [
        (STAGE, {"Name": "a b"}, "Name must have only letters, digits, - and _, got 'a b'"),
        (STAGE, {"Name": "a\n"}, "Name must have only letters, digits, - and _, got 'a\\n'"),
        (STAGE, {"Name": 5}, "Name must be a string, got 5"),
        (STAGE, {"InUse": "MAYBE"}, "InUse must be one of FAIL, WAIT, STOP, got 'MAYBE'"),
        (INGEST, {}, "IngestProtocol is required"),
        (INGEST, {"IngestProtocol": "SRT"}, "IngestProtocol must be one of RTMP, RTMPS, got 'SRT'"),
        (
            INGEST,
            {"IngestProtocol": "RTMP", "Attributes": {"a": ["b"]}},
            "Attributes.a must be a string, got ['b']",
        ),
        (STORAGE, {}, "S3 is required"),
        (STORAGE, {"S3": {}}, "S3.BucketName is required"),
        (
            STORAGE,
            {"S3": {"BucketName": "ab"}},
            "S3.BucketName must have 3-63 characters, got 'ab'",
        ),
        (
            STORAGE,
            {"S3": {"BucketName": "Big"}},
            "S3.BucketName must have only lower-case letters, digits, - and ., got 'Big'",
        ),
        (
            SLATE,
            {"ActivationThresholdSeconds": "6"},
            "ActivationThresholdSeconds must be 3-5, got '6'",
        ),
        (ASSOCIATIONS, {"ChannelArn": "c", "OnLive": 1}, "OnLive must be one of FAIL, WAIT, STOP, "
            "got 1"),
    ],
)  # fmt: skip
def test_wrong_property(
    spec: prop.CustomResourceSpec, properties: dict[str, object], problem: str
) -> None:
    assert problems(spec, properties) == [problem]


@pytest.mark.parametrize("length", [0, 1, 128])
def test_name_at_its_bounds(length: int) -> None:
    assert members(STAGE, {"Name": "n" * length}) == {"name": "n" * length}
    assert "0-128 characters" in problems(STAGE, {"Name": "n" * 129})[0]


@pytest.mark.parametrize(
    ("media", "problem"),
    [
        ("AUDIO_VIDEO", "must be a list, got 'AUDIO_VIDEO'"),
        (["AUDIO_VIDEO", "NONE"], "must have 0-1 items, got ['AUDIO_VIDEO', 'NONE']"),
        (["VIDEO"], ".0 must be one of AUDIO_VIDEO, AUDIO_ONLY, NONE, got 'VIDEO'"),
    ],
)
def test_wrong_list(media: object, problem: str) -> None:
    recording = {"StorageConfigurationArn": "arn", "MediaTypes": media}

    [told] = problems(STAGE, {"AutoParticipantRecordingConfiguration": recording})

    assert told.startswith("AutoParticipantRecordingConfiguration.MediaTypes")
    assert problem in told


def test_list_without_repetition() -> None:
    recording = {
        "StorageConfigurationArn": "arn",
        "ThumbnailConfiguration": {
            "ParticipantThumbnailConfiguration": {"Storage": ["LATEST", "LATEST"]}
        },
    }

    [told] = problems(STAGE, {"AutoParticipantRecordingConfiguration": recording})

    assert "Storage must not repeat an item" in told


def test_all_problems_are_told_at_once() -> None:
    assert (
        len(problems(ENCODER, {"Name": " ", "Video": {"Width": "1", "Height": "1"}, "X": 1})) == 4
    )


def test_confidential_value_is_not_shown() -> None:
    secret = prop.Prop(py="key", choices=("a",), confidential=True)
    decoder = wire._Decoder()

    decoder.value(secret, "hush", "Key")

    assert decoder.problems == ["Key must be one of a, got ***"]


def test_tags() -> None:
    tags = [{"Key": "a", "Value": ""}, {"Key": "b", "Value": "2"}]

    assert wire.decode(STAGE, {"Tags": tags}, "").tags == {"a": "", "b": "2"}
    assert "tags" not in members(STAGE, {"Tags": tags})


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        ({"a": "b"}, "Tags must be a list, got {'a': 'b'}"),
        (["a"], "Tags.0 must be a structure, got 'a'"),
        ([{"Value": "1"}], "Tags.0.Key is required"),
        ([{"Key": "a"}], "Tags.0.Value is required"),
        ([{"Key": "", "Value": ""}], "Tags.0.Key must have 1-128 characters, got ''"),
        (
            [{"Key": "AWS:a", "Value": ""}],
            "Tags must not have keys that start with aws: or ivs-constructs:, got 'AWS:a'",
        ),
        (
            [{"Key": "ivs-constructs:id", "Value": "ivsc1-0"}],
            "Tags must not have keys that start with aws: or ivs-constructs:, "
            "got 'ivs-constructs:id'",
        ),
        ([{"Key": "a", "Value": "1"}] * 2, "Tags must not repeat a key, got 'a'"),
        (
            [{"Key": f"k{n}", "Value": ""} for n in range(47)],
            "Tags must have at most 46 entries, got 47",
        ),
    ],
)
def test_wrong_tags(tags: object, problem: str) -> None:
    assert problems(STAGE, {"Tags": tags}) == [problem]


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
    assert lifecycle.physical_id(spec, request(), properties).startswith("ivsc1-")


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
def server(cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch) -> CloudFormation:
    monkeypatch.setattr(wire, "REPLY_PAUSE", 0.001)
    return cloudformation


@pytest.mark.parametrize("trouble", [500, 503, 403, 301, None])
@pytest.mark.parametrize("times", [1, 4])
def test_undelivered_reply_is_sent_again(
    server: CloudFormation, trouble: int | None, times: int
) -> None:
    server.puts = [trouble] * times

    wire.deliver(f"{server.url}/a/b?c=d%2Fe", b"{}", 10)

    assert server.attempts == times + 1
    assert server.replies == [{"size": 2, "at": "/a/b?c=d%2Fe"}]
    # The signature of the address is for an empty content type.
    assert server.headers[0]["Content-Type"] == ""


@pytest.mark.parametrize("trouble", [500, 403, None])
def test_reply_that_cannot_be_delivered_raises(server: CloudFormation, trouble: int | None) -> None:
    server.puts = [trouble] * 99

    with pytest.raises(wire.UndeliveredError) as caught:
        wire.deliver(f"{server.url}/a?X-Amz-Signature=5ec12e7", b"{}", 10)

    assert server.attempts == wire.REPLY_ATTEMPTS
    assert "5ec12e7" not in str(caught.value)
    assert caught.value.__context__ is None


def test_delivery_ends_with_the_time(
    server: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "REPLY_PAUSE", 1000.0)
    monkeypatch.setattr("ivs_handler.wire.random.random", lambda: 0.5)
    server.puts = [500] * 99

    with pytest.raises(wire.UndeliveredError, match="HTTP status 500"):
        wire.deliver(server.url, b"{}", 1)

    assert server.attempts == 1


def test_pauses_between_replies_grow_and_vary(
    server: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(wire, "REPLY_PAUSE", 1.0)
    monkeypatch.setattr("ivs_handler.wire.random.random", lambda: 0.25)
    monkeypatch.setattr("ivs_handler.wire.time.sleep", pauses.append)
    server.puts = [500] * 99

    with pytest.raises(wire.UndeliveredError):
        wire.deliver(server.url, b"{}", 100)

    assert pauses == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:1/?a=5ec12e7", "http://[", "http://h/ a?5ec12e7"]
)
def test_address_is_in_no_message(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "REPLY_PAUSE", 0.0)

    with pytest.raises(wire.UndeliveredError) as caught:
        wire.deliver(url, b"{}", 1)

    assert "5ec12e7" not in str(caught.value)


def test_https_is_what_cloudformation_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def connect(host: str, **_: object) -> None:
        opened.append(host)
        raise OSError

    monkeypatch.setattr("ivs_handler.wire.http.client.HTTPSConnection", connect)
    monkeypatch.setattr(wire, "REPLY_ATTEMPTS", 1)

    with pytest.raises(wire.UndeliveredError):
        wire.deliver("https://bucket.s3.amazonaws.com/a?b=c", b"{}", 1)

    assert opened == ["bucket.s3.amazonaws.com"]


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
    return lifecycle.physical_id(ENCODER, request(**fields), properties)


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
    assert lifecycle.physical_id(STAGE, request(), properties) == lifecycle.physical_id(
        STAGE, request(), {}
    )


def test_id_does_not_depend_on_the_order_of_attributes() -> None:
    one, other = (
        {"IngestProtocol": "RTMPS", "Attributes": each}
        for each in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"})
    )

    assert lifecycle.physical_id(INGEST, request(), one) == lifecycle.physical_id(
        INGEST, request(), other
    )


def test_id_is_the_one_of_every_release() -> None:
    # Another one would make every resource of every user anew.
    properties = {"Video": {"Width": "1280"}, "Name": "a"}

    assert id_of(properties) == "ivsc1-76b6faede198bc40d77b107e"


def test_failure_of_what_exists_keeps_its_id() -> None:
    known = request(RequestType="Update", PhysicalResourceId="known")
    fresh = request()

    assert lifecycle.id_of_failure(STAGE, known) == "known"
    assert lifecycle.id_of_failure(STAGE, fresh) == lifecycle.physical_id(STAGE, fresh, {})
    assert lifecycle.id_of_failure(None, fresh).startswith("ivsc1-")
