"""The commands of `cafe`, one module for each; every module has `register(app)`."""

from types import ModuleType

from cafe.commands import (
    adopt,
    backfill,
    check,
    dashboards,
    demo,
    drop,
    env,
    erase,
    event,
    generate,
    invoke,
    logs,
    reconcile,
    redrive,
    rejects,
    replay,
    retract,
    sql,
    stack,
    status,
    trace,
    watch,
)

# In the order of `cafe --help`: what a newcomer needs comes first.
COMMAND_MODULES: tuple[ModuleType, ...] = (
    demo,
    stack,
    generate,
    drop,
    status,
    watch,
    trace,
    rejects,
    check,
    redrive,
    reconcile,
    replay,
    retract,
    erase,
    backfill,
    logs,
    sql,
    dashboards,
    adopt,
    invoke,
    event,
    env,
)
