"""MiniStack's private names that the add-on builds on, in one place.

MiniStack ships no types and does not guarantee these names. A version that lacks one of them fails
here, when the server starts.
"""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

jsonschema: Any = import_module("jsonschema")

app: Any = import_module("ministack.app")
_router: Any = import_module("ministack.core.router")
_evaluator: Any = import_module("ministack.core.iam_evaluator")
_actions: Any = import_module("ministack.core.iam_actions")
_responses: Any = import_module("ministack.core.responses")
_runtime: Any = import_module("ministack.core.lambda_runtime")
_lambda: Any = import_module("ministack.services.lambda_svc")
_s3: Any = import_module("ministack.services.s3")
_sts: Any = import_module("ministack.services.sts")
_provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
_custom: Any = import_module("ministack.services.cloudformation.custom_resource")
_engine: Any = import_module("ministack.services.cloudformation.engine")
_stacks: Any = import_module("ministack.services.cloudformation.stacks")
_changesets: Any = import_module("ministack.services.cloudformation.changesets")
_handlers: Any = import_module("ministack.services.cloudformation.handlers")
_drift: Any = import_module("ministack.services.cloudformation.drift")
_events: Any = import_module("ministack.services.eventbridge")
_machines: Any = import_module("ministack.services.stepfunctions")

provisioners = SimpleNamespace(
    types=_provisioners._RESOURCE_HANDLERS, delete_predecessor=_provisioners._delete_predecessor
)
drift_readers: dict[str, Any] = _drift._DRIFT_READERS
buckets = SimpleNamespace(all=_s3._buckets, tags=_s3._bucket_tags)
services = SimpleNamespace(handlers=app.SERVICE_HANDLERS, patterns=_router.SERVICE_PATTERNS)
iam = SimpleNamespace(
    module=_evaluator,
    refused=_evaluator.AuthError,
    access_key=_router.extract_access_key_id,
    account=_responses.get_account_id,
    begin_session=_sts.register_session,
    sessions=_sts._sessions,
    of_sessions=SimpleNamespace(module=_sts, evict=_sts._evict_expired_sessions),
    conditions=SimpleNamespace(module=_actions, of_tags=_actions.request_tag_context),
)
functions = SimpleNamespace(
    module=_lambda,
    worker=_runtime.Worker,
    users_of_credentials=(_runtime, _lambda),
    credentials=_runtime.execution_credentials,
    end_workers=_runtime.invalidate_worker,
    find=_lambda._get_func_record_for_ref,
    of_config=_lambda._execution_record_for_config,
    execute=_lambda._execute_function_with_config_scope,
)
custom_resources = SimpleNamespace(
    module=_custom,
    invoke=_custom.invoke_custom_resource,
    as_sent=_custom._normalise_resource_properties,
)
stacks = SimpleNamespace(
    module=_stacks,
    changes=SimpleNamespace(module=_changesets, resolve=_changesets._resolve_props_for_diff),
    delete_resource=_stacks._delete_resource,
    needs=_engine._extract_deps,
    actions=_handlers._ACTION_HANDLERS,
    describe_resource=_handlers._describe_stack_resource,
    find=_handlers._resolve_stack,
    parameter=_handlers._p,
    xml=_handlers._xml,
)
events = SimpleNamespace(
    module=_events, put=_events._put_events, reach=_events._dispatch_to_stepfunctions
)
machines = SimpleNamespace(
    module=_machines,
    run_task=_machines._execute_task,
    call=_machines._invoke_aws_sdk_integration,
    failed=_machines._ExecutionError,
    found=_machines._state_machines,
)
