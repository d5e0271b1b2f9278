"""All rules, one in a file."""

from __future__ import annotations

from ivs_constructs.checks.rule import Rule
from ivs_constructs.checks.rules import (
    alarm_without_action,
    insecure_ingest,
    key_outside_kms,
    origin_not_enforced,
    private_without_key,
    public_by_omission,
    recording_bucket_elsewhere,
    recording_bucket_encryption,
    recording_bucket_public,
    recording_bucket_without_tls,
    reserved_tag,
    stream_key_exposed,
    tagging_unconditioned,
    too_many_public_keys,
    too_many_storages,
    unused_configuration,
    wildcard_action,
    wildcard_resource,
)

RULES: tuple[Rule, ...] = tuple(
    module.RULE
    for module in (
        insecure_ingest,
        public_by_omission,
        private_without_key,
        key_outside_kms,
        origin_not_enforced,
        recording_bucket_public,
        recording_bucket_elsewhere,
        recording_bucket_without_tls,
        recording_bucket_encryption,
        stream_key_exposed,
        wildcard_action,
        wildcard_resource,
        tagging_unconditioned,
        reserved_tag,
        alarm_without_action,
        unused_configuration,
        too_many_storages,
        too_many_public_keys,
    )
)
