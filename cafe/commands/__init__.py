"""The commands of `cafe`, one module a theme; each has `register(app)`."""

from types import ModuleType

COMMAND_MODULES: tuple[ModuleType, ...] = ()
