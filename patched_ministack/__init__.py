"""The AWS emulator ministack, mended where it differs from AWS in something the pipeline relies on.

It runs in the emulator's own environment (`.venv-emulator`), which has ministack and what ministack needs and nothing
of the tools': these modules import the standard library, ministack, and jsonschema, which comes with it.
`cafe.local.emulator` starts it, and tells it the facts of this machine through environment variables.

Each mend names what ministack 1.5.33 does by itself and why that will not do. All of them reach into its modules: a
new version of ministack has to pass tests/integration/local/ before the pin in requirements/emulator.in moves.
"""
