"""Run AWS's runtime interface client on an address that ends in a path: 127.0.0.1:PORT/TOKEN.

This runs in the functions' Python, which has the client. The part of the client that asks for events and answers them
(C++) writes a path behind the address, so it sends the token as it is. The part that reports a function which cannot be
imported (Python) takes all of the address for a host and a port. For it, the token moves to the path.

Before an invocation is answered, a line says that all of its output is written: ministack would take what comes late
for output of the next invocation.
"""

import os
import sys
from collections.abc import Callable

from awslambdaric import __main__ as client
from awslambdaric.lambda_runtime_client import BaseLambdaRuntimeClient

# As in patched_ministack/output.py, which this cannot import: it runs in another environment.
END = "\x1eoutput of {}"

stock_call = BaseLambdaRuntimeClient.call_rapid


def call_rapid(self: BaseLambdaRuntimeClient, method: str, endpoint: str, *arguments: object) -> None:
    """Ask the Runtime API, with the token in the path."""
    self.lambda_runtime_address, _, token = self.lambda_runtime_address.partition("/")
    try:
        stock_call(self, method, f"/{token}{endpoint}", *arguments)
    finally:
        self.lambda_runtime_address += f"/{token}"


BaseLambdaRuntimeClient.call_rapid = call_rapid


def after_the_output(post: Callable[..., None]) -> Callable[..., None]:
    """Answer an invocation after a line that ends its output."""

    def posted(self: BaseLambdaRuntimeClient, invocation: str, *arguments: object, **named: object) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(1, f"{END.format(invocation)}\n".encode())
        post(self, invocation, *arguments, **named)

    return posted


BaseLambdaRuntimeClient.post_invocation_result = after_the_output(BaseLambdaRuntimeClient.post_invocation_result)
BaseLambdaRuntimeClient.post_invocation_error = after_the_output(BaseLambdaRuntimeClient.post_invocation_error)

if __name__ == "__main__":
    client.main(sys.argv)
