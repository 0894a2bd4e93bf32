"""Let nobody in who has no key: every user of this machine can connect to the emulator's port.

An AWS request needs a signature of a key that the emulator has made, or of its root user. Everything else that it
serves (ministack's admin paths, function code, the messages of queues, this project's own paths) begins with /_ and
needs the token of the control ports: "Authorization: Bearer TOKEN". A request with neither gets nothing.

Unpatched, ministack checks the signatures of IAM users and sessions only. It takes the key "test", an account's number
and no key at all for the root user, and believes them without a signature. It also serves a part of its paths before it
looks at a signature. And it verifies what a header says about the body, not the body.
"""

import contextvars
import hashlib
import hmac
import http
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from patched_ministack import seams

# No name of a bucket begins with it, and no path of an AWS service.
OWN_PATHS = "/_"
BODY_HASH = "x-amz-content-sha256"
SHA256 = re.compile("[0-9a-f]{64}")

type Response = tuple[int, dict[str, str], bytes]
type Send = Callable[[dict[str, Any]], Awaitable[None]]
type Receive = Callable[[], Awaitable[dict[str, Any]]]


def admit_keys_only(token: str) -> None:
    """Check every request. Call it after every other patch that serves a path: it goes in front of them."""
    if not token:
        raise ValueError("the token of the control ports is empty")
    believe_no_key_by_its_name()
    _refuse_without_token(token)
    _serve_early_to_the_token_only()
    _verify_before_anything_is_served()


def believe_no_key_by_its_name() -> None:
    """Take the configured key only for the root user's, and verify its signature too."""
    root_key = os.environ["AWS_ACCESS_KEY_ID"]

    def is_root_access_key(access_key_id: str) -> bool:
        return access_key_id == root_key

    seams.IS_ROOT_KEY.replace(is_root_access_key)
    seams.STS_IS_ROOT_KEY.replace(is_root_access_key)
    # ministack asks `_is_root_key` where it decides whose signature it leaves unchecked, and where it names a caller.
    is_pinning = contextvars.ContextVar("is_pinning", default=False)
    stock_pin = seams.PIN_SIGNED_REQUEST.value

    def pin_signed_request(*request: Any) -> None:
        mark = is_pinning.set(True)
        try:
            stock_pin(*request)
        finally:
            is_pinning.reset(mark)

    seams.PIN_SIGNED_REQUEST.replace(pin_signed_request)
    seams.SKIPS_SIGNATURE.replace(lambda key: is_root_access_key(key) and not is_pinning.get())


def _refuse_without_token(token: str) -> None:
    """Refuse ministack's own paths to anyone who does not send the token, and web sockets, which nothing here uses."""
    stock_app = seams.APP.value
    wanted = f"Bearer {token}".encode()

    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "http" and is_own(scope["path"]) and not has_token(scope["headers"], wanted):
            await _send(send, _refusal())
        else:
            await stock_app(scope, receive, send)

    seams.APP.replace(app)


def is_own(path: str) -> bool:
    """Whether a path belongs to ministack or to this project, and not to an AWS service."""
    return path.startswith(OWN_PATHS)


def has_token(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bool:
    """Whether a request has the one header that admits it. The comparison's time does not depend on what was sent."""
    given = [value for name, value in headers if name.lower() == b"authorization"]
    return len(given) == 1 and hmac.compare_digest(given[0], wanted)


def _refusal() -> Response:
    text = b'{"message": "The token of the control ports is missing or wrong."}'
    return http.HTTPStatus.FORBIDDEN, {"Content-Type": "application/json", "Content-Length": str(len(text))}, text


async def _send(send: Send, response: Response) -> None:
    status, headers, body = response
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(status), "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _serve_early_to_the_token_only() -> None:
    """Serve no AWS path before the body is read: its signature is not verified until then."""
    stock_handle = seams.HANDLE_BEFORE_BODY.value

    async def handle(method: str, path: str, *request: Any) -> Any:
        return await stock_handle(method, path, *request) if is_own(path) else None

    seams.HANDLE_BEFORE_BODY.replace(handle)


def _verify_before_anything_is_served() -> None:
    """Verify the signature of every AWS request once, before ministack decides which of its services answers."""
    stock_handle = seams.HANDLE_AFTER_BODY.value

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
    ) -> Any:
        failure = None if is_own(path) else _failure(method, path, headers, body, query, request_id)
        if failure is not None:
            status, answered, text = failure
            return status, answered, b"" if method == "HEAD" else text
        return await stock_handle(method, path, headers, body, query, request_id)

    seams.HANDLE_AFTER_BODY.replace(handle)


def _failure(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], request_id: str
) -> Response | None:
    """Give the refusal, in the protocol of the service that was asked; None if the signature is right."""
    request = seams.SIGNED_REQUEST.value.get()
    if request is not None and request.s3_scoped:
        presigned: Response | None = seams.PRESIGNED_FAILURE(method, path, headers, query)
        return presigned
    checked = _checked(request)
    if not isinstance(checked, seams.AUTHENTICATION_FAILURE.value):
        return None
    # Of a request without a signature, the body may be all that names the service.
    service = seams.SERVICE_OF(method, path, headers, seams.ROUTING_PARAMETERS(method, path, headers, body, query))
    refused: Response = seams.CREDENTIAL_FAILURE(service, "", request_id, checked, headers)
    return refused


def _checked(request: Any) -> Any:
    """Give the credential that a request is signed with, or what is wrong."""
    if request is None:
        return seams.AUTHENTICATION_FAILURE("MissingAuthenticationToken", "The request has no signature.")
    if not is_signed_body(request.headers, request.body):
        return seams.AUTHENTICATION_FAILURE(
            "XAmzContentSHA256Mismatch", f"The provided '{BODY_HASH}' header does not match what was computed."
        )
    return seams.AUTHENTICATE(request.access_key_id, seams.ACCOUNT_ID())


def is_signed_body(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a body is the one whose hash the signature covers.

    The signature covers what the header says. A header with a word, such as UNSIGNED-PAYLOAD, leaves the body out, or
    has it signed in chunks, which are verified with the signature. Without the header, the body's own hash is signed.
    """
    stated = headers.get(BODY_HASH, "")
    return SHA256.fullmatch(stated) is None or hashlib.sha256(body).hexdigest() == stated
