"""Runs ministack behind a check of who asks.

ministack takes any credentials, runs the code it is given, and answers every page of every web site that asks it
(Access-Control-Allow-Origin: *). A browser on this machine would so let any page deploy functions here, which run as
the person who started this. So what comes from a page is refused, and so is a host name that is not this machine's
own, with which a page could pass for one of ours (DNS rebinding).

The path of the HTTP and WebSocket APIs is open to pages: those APIs check a token, and the Origin, themselves.
"""

import os
import re

import ministack.app as emulator

if os.environ.get("AUTH") == "true":
    # What they do happens when they are loaded.
    import iam_batches  # noqa: F401
    import iam_denials  # noqa: F401
    import iam_resources  # noqa: F401

OWN_HOST = re.compile(rb"^(?:127\.0\.0\.1|\[::1\]|localhost|[a-z0-9.-]+\.localhost)(?::\d{1,5})?$", re.IGNORECASE)
OPEN_TO_PAGES = "/_aws/execute-api/"
# Posts to the sockets of others, which ministack lets anybody do.
POST_BACK = "/@connections/"
REFUSAL = b"This emulator answers programs of this machine, not web pages.\n"

answer = emulator.app


def refused(scope):
    headers = dict(scope.get("headers", []))
    if not OWN_HOST.match(headers.get(b"host", b"")):
        return True
    path = scope["path"]
    if path.startswith(OPEN_TO_PAGES) and POST_BACK not in path:
        return False
    return b"origin" in headers or headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin")


async def guarded(scope, receive, send):
    if scope["type"] not in ("http", "websocket") or not refused(scope):
        await answer(scope, receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": REFUSAL})


if __name__ == "__main__":
    # main() serves what the module calls `app`.
    emulator.app = guarded
    emulator.main()
