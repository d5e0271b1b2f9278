"""Serve the local cloud, in its own environment: `python -m tools.local_cloud.addon FILE`."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from tools.local_cloud.addon import function_type, native_types, secret_type, stacks
from tools.local_cloud.addon.access import (
    hide_keys_of_functions,
    note_refusals,
    stand_guard,
    take_loopback_for_tls,
    tell_how_is_signed,
)
from tools.local_cloud.addon.api import Api
from tools.local_cloud.addon.custom_resources import CustomResources
from tools.local_cloud.addon.machines import Machines
from tools.local_cloud.addon.ministack import app, provisioners, services
from tools.local_cloud.addon.service import Service
from tools.local_cloud.addon.settings import Record, Settings


def main() -> None:
    """Add IVS to MiniStack and serve until the process is ended."""
    settings = Settings.read(Path(sys.argv.pop()))
    record = Record(settings.record)
    api = Api(settings.emulator, Path(settings.models))
    provisioners.types.update(native_types.registered(Path(settings.schemas), api))
    provisioners.types["AWS::SecretsManager::Secret"] = secret_type.registered()
    provisioners.types["AWS::Lambda::Function"] = function_type.registered()
    region = os.environ["MINISTACK_REGION"]
    service = Service(api, region, record)
    services.handlers["ivs"] = service.handle
    services.patterns["ivs"] = {
        "host_patterns": [r"^ivs\.", r"^ivsrealtime\."],
        "credential_scope": "ivs",
    }
    custom_resources = CustomResources(record)
    custom_resources.install()
    Machines(api, service, region).install()
    stacks.install()
    function_type.find_models_where_the_code_is()
    note_refusals(record)
    take_loopback_for_tls()
    tell_how_is_signed()
    hide_keys_of_functions()
    root_key = os.environ["AWS_ACCESS_KEY_ID"]
    stand_guard(int(os.environ["GATEWAY_PORT"]), root_key, custom_resources.gave_out)
    _end_with_the_tests()
    app.main()


def _end_with_the_tests() -> None:
    """End when the process that started this one has ended, however it did."""

    def wait() -> None:
        sys.stdin.read()
        # At once: asked kindly, the server waits for connections that are kept open. Functions end
        # when their input does, which this process holds.
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main()
