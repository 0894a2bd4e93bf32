"""The AWS emulator ministack, patched where it differs from AWS in something that the pipeline relies on.

It runs in the emulator's own environment (`.venv-emulator`), which holds ministack and its dependencies and none of the
tools. These modules import the standard library, ministack, and jsonschema, which is one of those dependencies.
`cafe.local.emulator` starts it, and passes the facts of this machine through environment variables.

Each patch says what ministack does without it and why that does not work here. `seams` lists the names inside ministack
that the patches depend on, and the version that has them.
"""
