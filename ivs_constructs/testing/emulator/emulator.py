"""The emulator: both IVS APIs on one port of this machine, under a test's control."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ivs_constructs._core.misnamed import Advising, advise_arguments, advise_methods
from ivs_constructs.testing.emulator.backend import realtime
from ivs_constructs.testing.emulator.backend.account import Account, Record, States
from ivs_constructs.testing.emulator.backend.kinds import KINDS
from ivs_constructs.testing.emulator.backend.refusals import Refusal
from ivs_constructs.testing.emulator.calls import Call
from ivs_constructs.testing.emulator.clock import Clock, wall_clock
from ivs_constructs.testing.emulator.dispatcher import Dispatcher, Hook
from ivs_constructs.testing.emulator.errors import EmulatorError
from ivs_constructs.testing.emulator.faults import Faults
from ivs_constructs.testing.emulator.models import load
from ivs_constructs.testing.emulator.server import Server
from ivs_constructs.testing.emulator.settings import (
    check_count,
    check_flag,
    check_settings,
    meant,
)


@dataclass(frozen=True, slots=True)
class Resource:
    """A copy of a resource's state.

    Attributes:
        type: Its type, such as `Stage`.
        arn: Its ARN.
        tags: Its tags.
        data: All its members, secrets too, as the APIs name them.
    """

    type: str
    arn: str
    tags: dict[str, str]
    data: dict[str, Any]


class Emulator(Advising):
    """Both IVS APIs over HTTP, for tests.

    ```python
    with Emulator() as emulator:
        ivs = boto3.client("ivs", **emulator.client_options)
        ivs.create_channel(name="live")
        assert [each.type for each in emulator.resources()] == ["Channel", "StreamKey"]
    ```

    Args:
        host: Where to listen: a loopback address.
        port: Where to listen; 0: any free port.
        region: The Region of all resources.
        account: The account of all resources.
        seed: Different seeds give different ids and keys; the same seed gives the same ones.
        clock: Returns the time. Default: the real time; `SteppingClock()` for a reproducible one.
        list_lag: How many lists do not yet show what was made or deleted.
        account_unverified: Whether the account is not verified yet.
        plain_messages: Whether errors also carry their text as `message`. The service models only
            have `exceptionMessage`, which botocore does not show in the text of its exceptions.

    Attributes:
        faults: The injected faults.

    Raises:
        EmulatorError: If a setting is invalid.
    """

    _attributes_instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("client", "create_channel", "create_stage", "ivs"),
            "call boto3.client('ivs', **emulator.client_options), or 'ivs-realtime'",
        ),
        **dict.fromkeys(("endpoint", "endpoint_url", "port"), "read url"),
        **dict.fromkeys(("add_fault", "inject"), "call faults.add(...)"),
        **dict.fromkeys(("start_stream", "start_broadcast"), "call go_live(channel_arn)"),
        **dict.fromkeys(("stop_stream", "end_broadcast"), "call end_stream(channel_arn)"),
        "clear": "call reset()",
    }

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        region: str = "us-east-1",
        account: str = "123456789012",
        seed: int = 0,
        clock: Clock | None = None,
        list_lag: int = 0,
        account_unverified: bool = False,
        plain_messages: bool = False,
    ) -> None:
        check_settings(port=port, region=region, account=account, seed=seed, clock=clock)
        check_count("list_lag", list_lag)
        check_flag("account_unverified", account_unverified)
        check_flag("plain_messages", plain_messages)
        self._host = host
        self._port = port
        self._region = region
        self._account_id = account
        self._seed = seed
        self._clock = clock or wall_clock
        self._list_lag = list_lag
        self._unverified = account_unverified
        self._server: Server | None = None
        models = load()
        self.faults = Faults(models.names())
        self._dispatcher = Dispatcher(
            models, self.faults, self._new_account(), plain_messages=plain_messages
        )

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start listening.

        Raises:
            EmulatorError: It is already listening, the host is not a loopback address, or the port
                is taken.
        """
        if self._server is not None:
            raise EmulatorError("the emulator is already started")
        self._server = Server(self._dispatcher.handle, self._host, self._port)

    def stop(self) -> None:
        """Release hanging calls, answer those in progress, and stop; the state is kept."""
        if self._server is not None:
            self.faults.clear()
            self._server.stop()
            self._server = None

    @property
    def url(self) -> str:
        """Where it listens.

        Raises:
            EmulatorError: It is not listening.
        """
        if self._server is None:
            raise EmulatorError(
                "the emulator is not started; call start(), or write: with Emulator() as emulator"
            )
        return self._server.url

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that direct boto3 and the AWS CLI here."""
        return {"AWS_ENDPOINT_URL_IVS": self.url, "AWS_ENDPOINT_URL_IVS_REALTIME": self.url}

    @property
    def client_options(self) -> Mapping[str, Any]:
        """Arguments for `boto3.client` that need no AWS configuration on the machine."""
        return {
            "endpoint_url": self.url,
            "region_name": self._region,
            "aws_access_key_id": "emulator",
            "aws_secret_access_key": "emulator",
        }

    @property
    def calls(self) -> list[Call]:
        """The calls since the start or the last reset, oldest first; no secrets."""
        with self._dispatcher.lock:
            return [replace(call) for call in self._dispatcher.calls]

    @property
    def mismatches(self) -> list[str]:
        """Answers that the models do not allow, and crashes: each is a bug in the emulator."""
        with self._dispatcher.lock:
            return list(self._dispatcher.mismatches)

    @property
    def states(self) -> States:
        """How resources change state."""
        return self._account.states

    @property
    def list_lag(self) -> int:
        """How many further lists do not yet show what is made or deleted."""
        return self._account.list_lag

    @list_lag.setter
    def list_lag(self, lists: int) -> None:
        check_count("list_lag", lists)
        self._account.list_lag = lists

    @property
    def account_unverified(self) -> bool:
        """Whether operations answer PendingVerification, as in an account not yet verified."""
        return self._account.unverified

    @account_unverified.setter
    def account_unverified(self, unverified: bool) -> None:
        check_flag("account_unverified", unverified)
        self._account.unverified = unverified

    def set_quota(self, name: str, limit: int | None) -> None:
        """Set how many resources of a type may exist.

        Args:
            name: A type, such as `Stage` (`StreamKey`: per channel), or `CompositionPerStage`.
            limit: The quota; None for no limit.

        Raises:
            EmulatorError: There is no such quota, or the limit is below 0.
        """
        quotas = self._account.quotas
        if name not in quotas:
            raise EmulatorError(
                f"quota must be one of {', '.join(quotas)}, got {name!r}{meant(name, quotas)}"
            )
        if limit is not None:
            check_count("limit", limit)
        quotas[name] = limit

    def resources(self, type_name: str | None = None) -> list[Resource]:
        """Copy the existing resources, oldest first; this does not advance transient states.

        Args:
            type_name: Their type. Default: all types.

        Raises:
            EmulatorError: There is no such type.
        """
        if type_name is not None and type_name not in KINDS:
            raise EmulatorError(
                f"type must be one of {', '.join(KINDS)}, got {type_name!r}"
                f"{meant(type_name, KINDS)}"
            )
        with self._dispatcher.lock:
            return [
                Resource(
                    type=record.kind.name,
                    arn=record.arn,
                    tags=dict(record.data["tags"]),
                    data=copy.deepcopy(record.data),
                )
                for record in self._account.records.values()
                if type_name in (None, record.kind.name)
            ]

    def on_call(self, hook: Hook) -> Callable[[], None]:
        """Run a hook before each call is handled, while its client waits.

        The hook runs in the call's own thread and may call the emulator itself; it is then run for
        those calls too.

        Returns:
            A function that removes the hook.
        """
        hooks = self._dispatcher.hooks
        hooks.append(hook)
        return lambda: hooks.remove(hook)

    def go_live(self, channel_arn: str, *, reconnects: bool = False) -> str:
        """Let an encoder broadcast to a channel.

        Args:
            channel_arn: The channel.
            reconnects: Whether the encoder reconnects after its stream was stopped, as many do, as
                long as its stream key exists.

        Returns:
            The stream's id.
        """
        with self._dispatcher.lock:
            self._find(channel_arn, "Channel")
            if channel_arn in self._account.streams:
                raise EmulatorError(f"channel {channel_arn} is already live")
            return self._account.go_live(channel_arn, reconnects=reconnects).id

    def end_stream(self, channel_arn: str) -> None:
        """Let the encoder end its broadcast to a channel, without reconnecting."""
        with self._dispatcher.lock:
            if channel_arn not in self._account.streams:
                raise EmulatorError(f"channel {channel_arn} is not live")
            self._account.end_stream(channel_arn)

    def start_publishing(
        self,
        stage_arn: str,
        *,
        participant_id: str | None = None,
        user_id: str = "",
        attributes: Mapping[str, str] | None = None,
        ingest_configuration_arn: str | None = None,
    ) -> str:
        """Let a participant publish to a stage; the first one begins a session.

        Args:
            stage_arn: The stage.
            participant_id: The participant's id, as a token has it. Default: a new one, or the
                ingest configuration's.
            user_id: The participant's user id.
            attributes: The participant's attributes.
            ingest_configuration_arn: The ingest configuration that it publishes with, if any.

        Returns:
            The participant's id.
        """
        with self._dispatcher.lock:
            self._find(stage_arn, "Stage")
            participant: dict[str, Any] = {
                "userId": user_id,
                "attributes": dict(attributes or {}),
                "protocol": "WHIP",
            }
            if ingest_configuration_arn is not None:
                ingest = self._find(ingest_configuration_arn, "IngestConfiguration").data
                if ingest["stageArn"] != stage_arn:
                    raise EmulatorError(f"{ingest_configuration_arn} is not for {stage_arn}")
                ingest["state"] = "ACTIVE"
                participant |= {
                    "participantId": ingest["participantId"],
                    "userId": user_id or ingest["userId"],
                    "protocol": ingest["ingestProtocol"],
                    "redundantIngest": ingest["redundantIngest"],
                    "ingestConfigurationArn": ingest_configuration_arn,
                }
            else:
                participant["participantId"] = participant_id or self._account.draw(
                    "Participant", 12
                )
            realtime.join(self._account, stage_arn, participant)
            joined: str = participant["participantId"]
            return joined

    def stop_publishing(self, stage_arn: str, participant_id: str) -> None:
        """Let a participant leave a stage; the last one ends the session."""
        with self._dispatcher.lock:
            session = self._account.session_of(stage_arn)
            if session is None or participant_id not in realtime.connected(session):
                raise EmulatorError(f"participant {participant_id} is not in {stage_arn}")
            realtime.leave(self._account, stage_arn, participant_id)

    def end_composition(self, composition_arn: str, *, failed: bool = False) -> None:
        """Let a composition end by itself, as one minute after the last participant has left.

        Args:
            composition_arn: The composition.
            failed: Whether it ends because of an error.
        """
        with self._dispatcher.lock:
            record = self._find(composition_arn, "Composition")
            realtime.end_composition(self._account, record, failed=failed)

    def reset(self) -> None:
        """Reset everything: resources, calls, faults, hooks, settings, and the sequence of ids.

        Hanging calls are released, and act on the old state.
        """
        with self._dispatcher.lock:
            self._dispatcher.account = self._new_account()
            self._dispatcher.calls.clear()
            self._dispatcher.count = 0
            self._dispatcher.mismatches.clear()
            self._dispatcher.hooks.clear()
        self.faults.clear()

    @property
    def _account(self) -> Account:
        return self._dispatcher.account

    def _new_account(self) -> Account:
        account = Account(
            region=self._region, account=self._account_id, seed=self._seed, clock=self._clock
        )
        account.list_lag = self._list_lag
        account.unverified = self._unverified
        return account

    def _find(self, arn: str, type_name: str) -> Record:
        try:
            return self._account.find(arn, type_name)
        except Refusal:
            advice = "" if arn.startswith("arn:") else "; pass its ARN"
            raise EmulatorError(f"there is no {type_name} {arn}{advice}") from None


advise_arguments(Emulator, instead={"account_id": "write account=..."})
advise_methods(
    Emulator,
    {
        "start_publishing": dict.fromkeys(("stage", "arn"), "write stage_arn=..."),
        "go_live": dict.fromkeys(("channel", "arn"), "write channel_arn=..."),
    },
)
