"""Run the mended emulator until it is told to stop."""

import os

from ministack.app import main

from patched_ministack import faults, functions, instances, measures, stand_ins
from patched_ministack.resource_schemas import ResourceSchemas

functions.run_under_runtime_client(os.environ["LAMBDA_RUNTIME_PYTHON"], os.environ["LAMBDA_BOOTSTRAP"])
schemas = ResourceSchemas(os.environ["RESOURCE_SCHEMAS"], os.environ["MINISTACK_REGION"])
warehouse = stand_ins.Warehouse(os.environ["WAREHOUSE_READY_FILE"])
stand_ins.register(warehouse, schemas)
instances.register(schemas)
faults.mend()
measures.begin(warehouse)
main()
