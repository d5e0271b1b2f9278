"""Serve the local cloud, in its own environment: `python -m tools.local_cloud.addon FILE`."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from tools.local_cloud.addon import (
    bucket_type,
    function_type,
    kept_type,
    native_types,
    replies,
    secret_type,
    stacks,
)
from tools.local_cloud.addon.access import (
    hide_keys_of_functions,
    let_sessions_begin_at_once,
    note_refusals,
    stand_guard,
    take_loopback_for_tls,
    tell_how_is_signed,
)
from tools.local_cloud.addon.api import Api
from tools.local_cloud.addon.custom_resources import CustomResources
from tools.local_cloud.addon.machines import Machines
from tools.local_cloud.addon.ministack import app, drift_readers, provisioners, services
from tools.local_cloud.addon.service import Service
from tools.local_cloud.addon.settings import Record, Settings


def main() -> None:
    """Add IVS to MiniStack, and serve until the process ends."""
    settings = Settings.read(Path(sys.argv.pop()))
    record = Record(settings.record)
    api = Api(settings.emulator, Path(settings.models))
    region = os.environ["MINISTACK_REGION"]
    schemas = json.loads(Path(settings.schemas).read_text(encoding="utf-8"))
    for name, each in native_types.types(schemas, api).items():
        provisioners.types[name] = each.registered()
        drift_readers[name] = each.reader()
    provisioners.types.update(kept_type.registered(schemas, region))
    provisioners.types["AWS::S3::Bucket"] = bucket_type.registered()
    provisioners.types["AWS::SecretsManager::Secret"] = secret_type.registered()
    provisioners.types["AWS::Lambda::Function"] = function_type.registered()
    service = Service(api, region, record)
    services.handlers["ivs"] = service.handle
    services.patterns["ivs"] = {
        "host_patterns": [r"^ivs\.", r"^ivsrealtime\."],
        "credential_scope": "ivs",
    }
    reply_host = os.environ["LOCAL_CLOUD_REPLY_HOST"]
    custom_resources = CustomResources(record, reply_host)
    custom_resources.install()
    replies.serve(
        reply_host,
        int(os.environ["LOCAL_CLOUD_REPLY_PORT"]),
        Path(os.environ["SSL_CERT_FILE"]),
        custom_resources.deliver,
    )
    Machines(api, service, region).install()
    stacks.install()
    function_type.find_models_where_the_code_is()
    function_type.write_no_logs_of_deleted_functions()
    note_refusals(record)
    take_loopback_for_tls()
    tell_how_is_signed()
    let_sessions_begin_at_once()
    hide_keys_of_functions()
    root_key = os.environ["AWS_ACCESS_KEY_ID"]
    stand_guard(int(os.environ["GATEWAY_PORT"]), root_key)
    _end_with_the_tests()
    app.main()


def _end_with_the_tests() -> None:
    """Exit when the process that started this one has ended, for whatever reason."""

    def wait() -> None:
        sys.stdin.read()
        # Immediately: a graceful stop would wait for open connections. Functions end with their
        # input, which this process holds.
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main()
