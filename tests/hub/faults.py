"""How a hub fails, for `Hub.fault`: each is a function from a request to a broken answer, or None where it answers as usual."""

from __future__ import annotations

import re
from collections.abc import Iterator

from werkzeug import Request, Response

from loopback import Answer, Hub, error


def status(code: int, path: str, error_code: str = "", **headers: str) -> Answer:
    """An HTTP status for every request whose path matches; for 401 and 403 with the error code that the Hub sends."""

    def answer(request: Request) -> Response | None:
        if not re.search(path, request.path):
            return None
        broken = error(code, error_code, f"made for a test: {code}")
        broken.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return broken

    return answer


def missing(path: str) -> Answer:
    """A file that the card speaks of and that is not there."""
    return status(404, path, "EntryNotFound")


def stall(hub: Hub, path: str) -> Answer:
    """Takes the request and says nothing until the hub is stopped."""

    def answer(request: Request) -> Response | None:
        if re.search(path, request.path):
            hub.over.wait(60)
            return error(503, "", "stalled")
        return None

    return answer


def cut(hub: Hub, path: str, *, times: int | None = None, share: float = 0.5) -> Answer:
    """Ends the connection before the body is complete: the first time after `share` of it, later ones at once.

    A client goes on from where it was, so it gets no further; after so many `times` the fault is gone.
    """
    seen = 0

    def answer(request: Request) -> Response | None:
        nonlocal seen
        if request.method != "GET" or not re.search(path, request.path) or (times is not None and seen >= times):
            return None
        seen += 1
        whole = hub.usual(request)
        content = b"" if seen > 1 else _content(whole)
        # An iterator, so that werkzeug does not put the announced length right.
        return Response(iter([content[: int(share * len(content))]]), status=whole.status_code, headers=whole.headers)

    return answer


def hang(hub: Hub, path: str, share: float = 0.5) -> Answer:
    """Sends `share` of the body and then nothing more, until the hub is stopped or the client goes away."""

    def answer(request: Request) -> Response | None:
        if request.method != "GET" or not re.search(path, request.path):
            return None
        whole = hub.usual(request)
        content = _content(whole)

        def body() -> Iterator[bytes]:
            yield content[: int(share * len(content))]
            hub.over.wait(30)

        return Response(body(), status=whole.status_code, headers=whole.headers)

    return answer


def corrupt(hub: Hub, path: str) -> Answer:
    """The right length and headers, but one byte in the middle is another."""

    def answer(request: Request) -> Response | None:
        if request.method != "GET" or not re.search(path, request.path):
            return None
        whole = hub.usual(request)
        content = bytearray(_content(whole))
        content[len(content) // 2] ^= 0xFF
        return Response(bytes(content), status=whole.status_code, headers=whole.headers)

    return answer


def _content(response: Response) -> bytes:
    response.direct_passthrough = False
    return response.get_data()
