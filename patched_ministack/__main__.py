"""Run the patched emulator until it is stopped."""

import os
import sys

from patched_ministack import (
    admission,
    batching,
    customer_keys,
    executions,
    faults,
    functions,
    grants,
    http_server,
    instances,
    measures,
    principals,
    roles,
    schedules,
    seams,
    session_keys,
    stand_ins,
    taken_names,
    versions,
)
from patched_ministack.resource_schemas import ResourceSchemas

try:
    seams.check()
except seams.IncompatibleMinistack as problem:
    sys.exit(str(problem))
functions.run_under_runtime_client(os.environ["LAMBDA_RUNTIME_PYTHON"], os.environ["LAMBDA_BOOTSTRAP"])
schemas = ResourceSchemas(os.environ["RESOURCE_SCHEMAS"], os.environ["MINISTACK_REGION"])
warehouse = stand_ins.Warehouse(os.environ["WAREHOUSE_READY_FILE"], os.environ["CONTROL_TOKEN"])
stand_ins.register(warehouse, schemas)
instances.register(schemas)
faults.patch_all()
versions.find_by_prefix()
batching.batch_as_lambda_does()
roles.parse_each_policy_once()
principals.patch_all()
taken_names.keep_secrets()
taken_names.keep_aliases()
customer_keys.patch_all()
measures.begin(warehouse)
schedules.run_as_scheduler()
executions.act_under_the_functions_role()
grants.record_grants()
session_keys.make_unguessable()
admission.admit_keys_only(os.environ["CONTROL_TOKEN"])
http_server.serve_by_uvicorn()
seams.MAIN()
