"""The two families of errors of the pipeline.

PipelineError
├── TerminalError     retrying cannot help: the message is at fault, or the contract was broken
└── TransientError    it may: a throttle, a network, a warehouse that is resuming

Subclasses take fields and build their own message: what, where, what to do. The message is safe to log: no error
of the pipeline contains a value from a row.
"""


class PipelineError(Exception):
    """An error whose message may be logged: it names things and places, never a row's values."""


class TerminalError(PipelineError):
    """Retrying cannot help."""


class TransientError(PipelineError):
    """Retrying may help: the queue delivers the message again."""
