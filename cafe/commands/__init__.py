"""The commands of `cafe`, one module a theme; each has `register(app)`."""

from types import ModuleType

from cafe.commands import check, demo, drop, event, generate, invoke, logs, rejects, sql, stack, status

# In the order in which `cafe --help` lists them: as a newcomer needs them.
COMMAND_MODULES: tuple[ModuleType, ...] = (
    demo,
    stack,
    generate,
    drop,
    status,
    rejects,
    check,
    logs,
    sql,
    invoke,
    event,
)
