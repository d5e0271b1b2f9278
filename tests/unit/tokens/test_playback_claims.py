"""The claims of playback tokens: every rule at its edges, with the whole message."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from ivs_constructs.enums import MaximumResolution
from ivs_constructs.errors import InvalidPropertyError
from ivs_constructs.tokens import AdsReportingMode, PlaybackClaims

CHANNEL = "arn:aws:ivs:eu-west-1:123456789012:channel/AbCdEfGh1234"
GUIDE = "https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNIX = 1795262400
ONE_USE = "1e760ed4-29c0-4ee3-987d-a5dc60734b58"

DEPLOY_TIME = (
    "must be known when the token is made, got a deploy-time value; pass it to the program that "
    "makes tokens in an environment variable"
)


def claims(**given: Any) -> PlaybackClaims:  # noqa: ANN401 (wrong types are the point)
    return PlaybackClaims(**{"channel_arn": CHANNEL, **given})


def refusal(**given: Any) -> InvalidPropertyError:  # noqa: ANN401 (wrong types are the point)
    with pytest.raises(InvalidPropertyError) as caught:
        claims(**given)
    return caught.value


def problem(**given: Any) -> str:  # noqa: ANN401 (wrong types are the point)
    """The one line that tells what is wrong."""
    text = str(refusal(**given))
    start = "PlaybackClaims has 1 invalid property:\n  - "
    assert text.startswith(start)
    return text.removeprefix(start)


# The payload


def test_payload_of_the_smallest_claims() -> None:
    assert claims().payload(NOW) == {"aws:channel-arn": CHANNEL, "exp": UNIX + 300}


def test_payload_of_all_claims() -> None:
    full = claims(
        expires_in=timedelta(minutes=10),
        access_control_allow_origin=["https://example.com", "https://*.example.org:8443"],
        strict_origin_enforcement=True,
        single_use_uuid=UUID(ONE_USE),
        viewer_id="4f1c2a",
        viewer_session_version=UNIX,
        maximum_resolution=MaximumResolution.HD,
        ads_playback_config_name="prime-time",
        ads_opt_out=True,
        ads_player_params={"age": "18-24"},
        ads_reporting_mode=AdsReportingMode.CLIENT,
    )

    assert full.payload(NOW) == {
        "aws:channel-arn": CHANNEL,
        "exp": UNIX + 600,
        "aws:access-control-allow-origin": "https://example.com,https://*.example.org:8443",
        "aws:strict-origin-enforcement": True,
        "aws:single-use-uuid": ONE_USE,
        "aws:viewer-id": "4f1c2a",
        "aws:viewer-session-version": UNIX,
        "aws:maximum-resolution": "HD",
        "aws:ads-playback-config-name": "prime-time",
        "aws:ads-opt-out": True,
        "aws:ads-player-params": {"age": "18-24"},
        "aws:ads-reporting-mode": "CLIENT",
    }


def test_payload_leaves_out_what_says_nothing() -> None:
    silent = claims(strict_origin_enforcement=False, ads_opt_out=False, ads_player_params={})

    assert silent == claims()
    assert silent.payload(NOW).keys() == {"aws:channel-arn", "exp"}


def test_payload_counts_from_the_present() -> None:
    before = int(datetime.now(UTC).timestamp())
    expiry = claims(expires_in=timedelta(seconds=60)).payload()["exp"]

    assert isinstance(expiry, int)
    assert before + 60 <= expiry <= int(datetime.now(UTC).timestamp()) + 60


def test_payload_knows_time_zones() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))

    assert claims().payload(there) == claims().payload(NOW)


def test_payload_drops_fractions_of_a_second() -> None:
    late = NOW + timedelta(microseconds=999_999)

    assert claims(expires_in=timedelta(seconds=1.9)).payload(late)["exp"] == UNIX + 1


def test_fails_when_now_is_naive() -> None:
    with pytest.raises(InvalidPropertyError) as caught:
        claims().payload(NOW.replace(tzinfo=None))

    assert str(caught.value) == (
        "PlaybackClaims has 1 invalid property:\n"
        "  - now must have a time zone, got a naive datetime; write datetime.now(UTC)"
    )


@pytest.mark.parametrize(
    ("now", "kind"), [(UNIX, "int"), ("2026-11-21", "str"), (NOW.date(), "date")]
)
def test_fails_when_now_is_no_datetime(now: Any, kind: str) -> None:  # noqa: ANN401 (wrong types)
    with pytest.raises(InvalidPropertyError) as caught:
        claims().payload(now)

    assert caught.value.failures[0].message == (
        f"now must be a datetime, got a value of type {kind}"
    )


# As a value


def test_claims_keep_no_collection_of_the_caller() -> None:
    origins, params = ["https://example.com"], {"age": "18-24"}
    made = claims(access_control_allow_origin=origins, ads_player_params=params)
    origins.append("not an origin")
    params["age"] = "x" * 2000

    assert made.access_control_allow_origin == ("https://example.com",)
    assert made.ads_player_params == {"age": "18-24"}
    with pytest.raises(TypeError):
        made.ads_player_params["age"] = "x"  # type: ignore[index]  # the point


def test_repr_does_not_tell_who_watches() -> None:
    text = repr(claims(viewer_id="4f1c2a", ads_player_params={"key-of-it": "value-of-it"}))

    assert CHANNEL in text
    assert "4f1c2a" not in text
    assert "of-it" not in text


def test_all_problems_come_in_one_error() -> None:
    error = refusal(
        channel_arn="main", viewer_id="v" * 41, viewer_session_version=-1, maximum_resolution="4K"
    )

    assert str(error) == (
        "PlaybackClaims has 4 invalid properties:\n"
        "  - channel_arn must be an ARN arn:aws:ivs:<region>:<account>:channel/<id>, got 'main'\n"
        "  - viewer_id must have at most 40 characters, got 41 characters; shorten it by 1\n"
        "  - viewer_session_version must be 0-9223372036854775807, got less than 0\n"
        "  - maximum_resolution must be one of FULL_HD, HD, SD, got '4K'"
    )
    assert [failure.property for failure in error.failures] == [
        "channel_arn",
        "viewer_id",
        "viewer_session_version",
        "maximum_resolution",
    ]


@pytest.mark.parametrize(
    ("given", "page"),
    [
        ({"channel_arn": ""}, "private-channels-generate-tokens"),
        ({"ads_opt_out": 1}, "server-side-ad-insertion"),
    ],
)
def test_failure_names_its_page(given: dict[str, Any], page: str) -> None:
    assert refusal(**given).failures[0].source == f"{GUIDE}/{page}.html"


# The channel


@pytest.mark.parametrize("id_length", [1, 85])
def test_channel_arn_has_at_most_128_characters(id_length: int) -> None:
    arn = f"arn:aws:ivs:eu-west-1:123456789012:channel/{'a' * id_length}"
    assert len(arn) <= 128

    assert claims(channel_arn=arn).channel_arn == arn


def test_fails_when_channel_arn_is_too_long() -> None:
    assert problem(channel_arn=CHANNEL + "a" * (129 - len(CHANNEL))) == (
        "channel_arn must have at most 128 characters, got 129 characters; shorten it by 1"
    )


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "AbCdEfGh1234",
        "arn:aws:ivs:eu-west-1:123456789012:channel/",
        "arn:aws:ivs:eu-west-1:123456789012:stage/AbCdEfGh1234",
        "arn:aws:ivs:123456789012:eu-west-1:channel/AbCdEfGh1234",
        "arn:aws:ivs::123456789012:channel/AbCdEfGh1234",
        "arn:aws:ivs:eu-west-1:123456789012:channel/AbCd_EfGh",
        CHANNEL + "\n",
        " " + CHANNEL,
    ],
)
def test_fails_when_channel_arn_is_none(arn: str) -> None:
    assert problem(channel_arn=arn) == (
        f"channel_arn must be an ARN arn:aws:ivs:<region>:<account>:channel/<id>, got {arn!r}"
    )


@pytest.mark.parametrize(
    ("length", "told"), [(78, f"'{'x' * 78}'"), (79, f"'{'x' * 79}…"), (128, f"'{'x' * 79}…")]
)
def test_long_text_is_cut_in_messages(length: int, told: str) -> None:
    assert problem(channel_arn="x" * length) == (
        f"channel_arn must be an ARN arn:aws:ivs:<region>:<account>:channel/<id>, got {told}"
    )


# Time


@pytest.mark.parametrize("limited", [{"viewer_id": "v"}, {"single_use_uuid": ONE_USE}])
@pytest.mark.parametrize("seconds", [1, 600, 600.999])
def test_token_of_one_viewer_lives_up_to_ten_minutes(
    limited: dict[str, Any], seconds: float
) -> None:
    made = claims(expires_in=timedelta(seconds=seconds), **limited)

    assert made.expires_in == timedelta(seconds=int(seconds))


@pytest.mark.parametrize("limited", [{"viewer_id": "v"}, {"single_use_uuid": ONE_USE}])
def test_fails_when_token_of_one_viewer_lives_longer(limited: dict[str, Any]) -> None:
    assert problem(expires_in=timedelta(seconds=601), **limited) == (
        "expires_in must be at most 600 seconds (10 minutes) with viewer_id or single_use_uuid, "
        "got 601 seconds; shorten it by 1"
    )


@pytest.mark.parametrize("days", [1, 365])
def test_other_tokens_have_no_limit(days: int) -> None:
    assert claims(expires_in=timedelta(days=days)).expires_in == timedelta(days=days)


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.9, "0.9"), (0, "0"), (-1, "-1"), (-90061, "-90061")]
)
def test_fails_when_token_expires_at_once(seconds: float, told: str) -> None:
    assert problem(expires_in=timedelta(seconds=seconds)) == (
        f"expires_in must be at least 1 second, got {told} seconds; lengthen it"
    )


@pytest.mark.parametrize(
    ("value", "end"),
    [
        (300, "a value of type int; write timedelta(seconds=300)"),
        (0.5, "a value of type float; write timedelta(seconds=0.5)"),
        (999_999_999, "a value of type int; write timedelta(seconds=999999999)"),
        (
            10**9,
            "a value of type int, which looks like a Unix time in seconds; "
            "write timedelta(minutes=5)",
        ),
        (
            UNIX,
            "a value of type int, which looks like a Unix time in seconds; "
            "write timedelta(minutes=5)",
        ),
        (
            10**11,
            "a value of type int, which looks like a Unix time in milliseconds; "
            "write timedelta(minutes=5)",
        ),
        (
            UNIX * 1000.0,
            "a value of type float, which looks like a Unix time in milliseconds; "
            "write timedelta(minutes=5)",
        ),
        (
            NOW,
            "a value of type datetime; subtract the present from it: "
            "expires_at - datetime.now(UTC)",
        ),
        (True, "a value of type bool"),
        ("PT5M", "a value of type str"),
        (None, "None"),
    ],
)
def test_fails_when_expires_in_is_no_timedelta(value: object, end: str) -> None:
    assert problem(expires_in=value) == f"expires_in must be a timedelta, got {end}"


@pytest.mark.parametrize(
    ("seconds", "unit"),
    [
        (10**9, "seconds"),
        (10**11 - 1, "seconds"),
        (10**11, "milliseconds"),
        (UNIX * 1000, "milliseconds"),
    ],
)
def test_fails_when_expires_in_counts_from_1970(seconds: int, unit: str) -> None:
    assert problem(expires_in=timedelta(seconds=seconds)) == (
        f"expires_in must count from now, got {seconds} seconds, which looks like a Unix time in "
        f"{unit}; write timedelta(minutes=5)"
    )


def test_thirty_years_are_a_lifetime() -> None:
    long = timedelta(seconds=10**9 - 1)

    assert claims(expires_in=long).expires_in == long


# Origins; their form has a file of its own


@pytest.mark.parametrize("count", [1, 5])
def test_strict_origins_up_to_five(count: int) -> None:
    origins = tuple(f"https://{number}.example.com" for number in range(count))

    made = claims(access_control_allow_origin=origins, strict_origin_enforcement=True)

    assert made.access_control_allow_origin == origins


def test_fails_when_strict_origins_are_more_than_five() -> None:
    origins = [f"https://{number}.example.com" for number in range(6)]

    assert problem(access_control_allow_origin=origins, strict_origin_enforcement=True) == (
        "access_control_allow_origin must have at most 5 origins with strict_origin_enforcement, "
        "got 6; drop 1, or write a wildcard"
    )
    assert len(claims(access_control_allow_origin=origins).access_control_allow_origin or ()) == 6


def test_fails_when_strictness_has_no_origins() -> None:
    assert problem(strict_origin_enforcement=True) == (
        "strict_origin_enforcement requires access_control_allow_origin, got none; name the "
        "origins or drop it"
    )


@pytest.mark.parametrize("empty", [[], ()])
def test_fails_when_origins_are_empty(empty: object) -> None:
    assert problem(access_control_allow_origin=empty) == (
        "access_control_allow_origin must name an origin, got none; drop it if all are meant"
    )


@pytest.mark.parametrize(
    ("given", "end"),
    [
        ("https://example.com", "be a list of strings, got a value of type str; put it in a list"),
        ({"https://example.com"}, "be a list of strings, got a value of type set"),
        ([None], "hold strings, got None; write a str"),
        ([b"https://example.com"], "hold strings, got a value of type bytes; write a str"),
        (
            ["https://\ud800.example.com"],
            "be text that UTF-8 can hold, got half of a surrogate pair; decode it properly",
        ),
        (
            ["https://example.com/live"],
            "hold origins scheme://host[:port] as browsers send them, got "
            "'https://example.com/live'; write 'https://example.com'",
        ),
    ],
)
def test_fails_when_origins_are_no_list_of_origins(given: object, end: str) -> None:
    assert problem(access_control_allow_origin=given) == f"access_control_allow_origin must {end}"


# Use and viewer


@pytest.mark.parametrize("given", [ONE_USE, ONE_USE.upper(), UUID(ONE_USE)])
def test_single_use_uuid_takes_text_and_uuid(given: object) -> None:
    assert claims(single_use_uuid=given).single_use_uuid == ONE_USE


@pytest.mark.parametrize(
    "given",
    [
        "",
        ONE_USE[:-1],
        ONE_USE + "0",
        ONE_USE.replace("-", ""),
        f"{{{ONE_USE}}}",
        "g" + ONE_USE[1:],
    ],
)
def test_fails_when_single_use_uuid_is_none(given: str) -> None:
    assert problem(single_use_uuid=given) == (
        "single_use_uuid must be a UUID of 8-4-4-4-12 hexadecimal digits, got another text of "
        f"{len(given)} characters; write uuid4()"
    )


@pytest.mark.parametrize("viewer_id", ["v", "v" * 40, "日" * 40])
def test_viewer_id_has_1_to_40_characters(viewer_id: str) -> None:
    assert claims(viewer_id=viewer_id).viewer_id == viewer_id


@pytest.mark.parametrize(
    ("viewer_id", "end"),
    [
        ("", "have at least 1 character, got none; add some"),
        ("v" * 41, "have at most 40 characters, got 41 characters; shorten it by 1"),
        (4711, "be a string, got a value of type int"),
        (
            "a\ud800",
            "be text that UTF-8 can hold, got half of a surrogate pair; decode it properly",
        ),
    ],
)
def test_fails_when_viewer_id_is_none(viewer_id: object, end: str) -> None:
    assert problem(viewer_id=viewer_id) == f"viewer_id must {end}"


@pytest.mark.parametrize("version", [0, 1, 2**63 - 1])
def test_viewer_session_version_is_told(version: int) -> None:
    made = claims(viewer_id="v", viewer_session_version=version)

    assert made.payload(NOW)["aws:viewer-session-version"] == version


@pytest.mark.parametrize(
    ("version", "end"),
    [
        (-1, "be 0-9223372036854775807, got less than 0"),
        (2**63, "be 0-9223372036854775807, got a larger number"),
        (1.0, "be a whole number, got a value of type float"),
        ("1", "be a whole number, got a value of type str"),
        (True, "be a whole number, got a value of type bool"),
    ],
)
def test_fails_when_viewer_session_version_is_none(version: object, end: str) -> None:
    assert problem(viewer_id="v", viewer_session_version=version) == (
        f"viewer_session_version must {end}"
    )


def test_fails_when_viewer_session_version_has_no_viewer() -> None:
    assert problem(viewer_session_version=0) == (
        "viewer_session_version requires viewer_id, got none; name the viewer or drop it"
    )


# Resolution and ads


@pytest.mark.parametrize("resolution", ["SD", "HD", "FULL_HD"])
def test_maximum_resolution_takes_the_plain_string(resolution: str) -> None:
    assert claims(maximum_resolution=resolution) == claims(
        maximum_resolution=MaximumResolution(resolution)
    )


@pytest.mark.parametrize(
    ("name", "value", "end"),
    [
        ("maximum_resolution", "hd", "FULL_HD, HD, SD, got 'hd'; did you mean 'HD'?"),
        ("maximum_resolution", "LOWEST", "FULL_HD, HD, SD, got 'LOWEST'"),
        ("maximum_resolution", 720, "FULL_HD, HD, SD, got a value of type int"),
        ("ads_reporting_mode", "server", "CLIENT, SERVER, got 'server'; did you mean 'SERVER'?"),
    ],
)
def test_fails_when_choice_is_unknown(name: str, value: object, end: str) -> None:
    assert problem(**{name: value}) == f"{name} must be one of {end}"


@pytest.mark.parametrize("name", ["ads_opt_out", "strict_origin_enforcement"])
@pytest.mark.parametrize(("value", "got"), [(1, "a value of type int"), (None, "None")])
def test_fails_when_flag_is_no_boolean(name: str, value: object, got: str) -> None:
    given = {"access_control_allow_origin": ["*"], name: value}

    assert problem(**given) == f"{name} must be True or False, got {got}"


def test_fails_when_ads_playback_config_name_is_empty() -> None:
    assert problem(ads_playback_config_name="") == (
        "ads_playback_config_name must have at least 1 character, got none; add some"
    )
    assert claims(ads_playback_config_name="a").ads_playback_config_name == "a"


@pytest.mark.parametrize(
    "params", [{"": ""}, {"k" * 500: "v" * 500}, {"é" * 250: "日" * 166 + "xx"}]
)
def test_ads_player_params_have_up_to_1000_bytes(params: dict[str, str]) -> None:
    assert claims(ads_player_params=params).payload(NOW)["aws:ads-player-params"] == params


@pytest.mark.parametrize(
    ("params", "end"),
    [
        (
            {"a": "x" * 500, "b": "y" * 499},
            "have at most 1000 bytes of UTF-8, keys and values together, got 1001 bytes; "
            "shorten it by 1",
        ),
        (
            {"k": "é" * 500},
            "have at most 1000 bytes of UTF-8, keys and values together, got 1001 bytes; "
            "shorten it by 1",
        ),
        ([("a", "b")], "be a dict of strings, got a value of type list"),
        ({"a": 1, "b": 2}, "hold strings, got a value of type int; write a str"),
        ({1: "a"}, "hold strings, got a value of type int; write a str"),
        (
            {"a": "\udfff"},
            "be text that UTF-8 can hold, got half of a surrogate pair; decode it properly",
        ),
    ],
)
def test_fails_when_ads_player_params_are_wrong(params: object, end: str) -> None:
    assert problem(ads_player_params=params) == f"ads_player_params must {end}"


# Values of the AWS CDK that are known at deploy time only


class Resolvable:
    creation_stack = ("app.py",)


NUMBER = struct.unpack(">d", b"\xfb\xff\x00\x00\x00\x00\x00\x07")[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel_arn", "${Token[TOKEN.13]}"),
        ("channel_arn", "arn:aws:ivs:eu-west-1:123456789012:channel/${Token[TOKEN.13]}"),
        ("access_control_allow_origin", "${Token[TOKEN.13]}"),
        ("access_control_allow_origin", ["#{Token[TOKEN.14]}"]),
        ("access_control_allow_origin", ["https://${Token[TOKEN.13]}"]),
        ("strict_origin_enforcement", Resolvable()),
        ("single_use_uuid", "${Token[TOKEN.13]}"),
        ("viewer_id", "${Token[TOKEN.13]}"),
        ("maximum_resolution", "${Token[TOKEN.13]}"),
        ("ads_playback_config_name", "${Token[TOKEN.13]}"),
        ("ads_opt_out", Resolvable()),
        ("ads_player_params", Resolvable()),
        ("ads_player_params", {"stage": "${Token[TOKEN.13]}"}),
        ("ads_player_params", {"${Token[TOKEN.13]}": "prod"}),
        ("ads_reporting_mode", "${Token[TOKEN.13]}"),
        ("expires_in", NUMBER),
    ],
)
def test_fails_when_value_is_known_at_deploy_time_only(name: str, value: object) -> None:
    assert problem(**{name: value}) == f"{name} {DEPLOY_TIME}"


def test_fails_when_version_is_known_at_deploy_time_only() -> None:
    assert problem(viewer_id="v", viewer_session_version=NUMBER) == (
        f"viewer_session_version {DEPLOY_TIME}"
    )
