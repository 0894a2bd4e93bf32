"""The commands of `cafe`, one module a theme; each has `register(app)`."""

from types import ModuleType

from cafe.commands import drop, rejects, sql, status

# In the order in which `cafe --help` lists them: as a newcomer needs them.
COMMAND_MODULES: tuple[ModuleType, ...] = (drop, status, rejects, sql)
