"""The commands of `cafe`, one module a theme; each has `register(app)`."""

from types import ModuleType

from cafe.commands import drop, event, generate, rejects, sql, stack, status

# In the order in which `cafe --help` lists them: as a newcomer needs them.
COMMAND_MODULES: tuple[ModuleType, ...] = (stack, generate, drop, status, rejects, sql, event)
