"""The gate in front of the app: which requests are let in, and what a browser may do with the answers.

A request must come under a name of this machine or one of ``WINNOW_HOSTS``: otherwise a web page elsewhere
could point its own name at this server and read it (DNS rebinding). A request that says which page sent it
(``Origin``) must come from this very server. Every answer tells the browser to load nothing from anywhere
else, and to show it in no frame.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

HOSTS = "WINNOW_HOSTS"
LOCAL = ("localhost", "127.0.0.1", "[::1]")
DEFAULT_PORTS = {"http": "80", "https": "443"}
_NAME = r"\[[0-9a-f:.]+\]|[a-z0-9_.-]+"
_HOST = re.compile(rf"(?P<name>{_NAME})(?::(?P<port>\d{{1,5}}))?")
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?P<name>{_NAME})(?::(?P<port>\d{{1,5}}))?")
_ENTRY = re.compile(rf"(?:(?P<scheme>https?)://)?(?P<name>(?:\*\.)?(?:{_NAME}))(?::(?P<port>\d{{1,5}}))?/?")
LOG = logging.getLogger("winnow.gate")
REFUSED = (
    f"Refused: this server does not answer under this name, or not to pages of another site. Whoever runs it "
    f"can allow a name with {HOSTS}; the guide says how under 'Run it for others'.\n"
)


class Allowed(NamedTuple):
    """An entry of ``WINNOW_HOSTS``: a name, and where its pages come from."""

    name: str
    scheme: str = "https"
    port: str = DEFAULT_PORTS["https"]


def allowed() -> tuple[Allowed, ...]:
    """The entries of ``WINNOW_HOSTS``, parted by blanks or commas: a name, ``*.x`` for all names below x; or
    with the scheme or the port of its pages, where they are not at https and its usual port.

    >>> os.environ["WINNOW_HOSTS"] = "Winnow.example.org, *.lab.example http://10.0.0.7:8080"
    >>> for entry in allowed(): print(*entry)
    winnow.example.org https 443
    *.lab.example https 443
    10.0.0.7 http 8080
    >>> del os.environ["WINNOW_HOSTS"]
    """
    entries = []
    for text in os.environ.get(HOSTS, "").lower().replace(",", " ").split():
        parsed = _ENTRY.fullmatch(text)
        if parsed is None:
            LOG.warning("%s holds %r, which is no name of a host and allows none.", HOSTS, text)
            continue
        scheme = parsed["scheme"] or "https"
        entries.append(Allowed(parsed["name"].rstrip("."), scheme, parsed["port"] or DEFAULT_PORTS[scheme]))
    return tuple(entries)


def host_allowed(host: str | None, entries: tuple[Allowed, ...] = ()) -> bool:
    """Whether a request under this ``Host`` is let in.

    >>> [host_allowed(host) for host in ("localhost:8501", "127.0.0.1", "[::1]:80")]
    [True, True, True]
    >>> [host_allowed(host) for host in ("evil.example", "localhost.evil.example", "localhost@evil", None)]
    [False, False, False, False]
    >>> below = (Allowed("*.lab.example"),)
    >>> [host_allowed(host, below) for host in ("a.lab.example", "lab.example", "evillab.example")]
    [True, False, False]
    """
    parsed = _HOST.fullmatch((host or "").strip().lower())
    if parsed is None:
        return False
    name = parsed["name"].rstrip(".")
    return name in LOCAL or bool(_naming(name, entries))


def _naming(name: str, entries: tuple[Allowed, ...]) -> list[Allowed]:
    """The entries that a name falls under."""
    return [
        entry
        for entry in entries
        if (name.endswith(entry.name[1:]) if entry.name.startswith("*.") else name == entry.name)
    ]


def origin_allowed(origin: str | None, host: str | None, entries: tuple[Allowed, ...] = ()) -> bool:
    """Whether a page at ``origin`` may ask: it came from ``host``, or it is the page of an entry, as a proxy
    may pass on another ``Host``. No origin: not sent by a page of another site.

    An entry ``*.x`` allows no page by itself: those of one name below x are foreign to those of another. A
    ``host`` without a port does not say by which scheme it was asked: then its entry does.

    >>> origin_allowed(None, "localhost:8501"), origin_allowed("http://localhost:8501", "localhost:8501")
    (True, True)
    >>> origin_allowed("http://localhost:9999", "localhost:8501"), origin_allowed("null", "localhost:8501")
    (False, False)
    >>> entries = (Allowed("winnow.example.org"),)
    >>> origin_allowed("https://winnow.example.org", "127.0.0.1:8501", entries)
    True
    >>> origin_allowed("https://winnow.example.org:9999", "127.0.0.1:8501", entries)
    False
    """
    if origin is None:
        return True
    page, asked = _ORIGIN.fullmatch(origin.strip().lower()), _HOST.fullmatch((host or "").strip().lower())
    if page is None or asked is None:
        return False
    usual = DEFAULT_PORTS[page["scheme"]]
    name, port = page["name"].rstrip("."), page["port"] or usual
    same = (name, port) == (asked["name"].rstrip("."), asked["port"] or usual)
    if same and not asked["port"] and name not in LOCAL:
        same = any(page["scheme"] == entry.scheme for entry in _naming(name, entries))
    return same or Allowed(name, page["scheme"], port) in entries


def policy(host: str, script_hashes: tuple[str, ...] = ()) -> str:
    """The content security policy: everything from this server, nothing from elsewhere.

    host: the checked ``Host``, named for its WebSocket, as older browsers do not take it as their own server.
    script_hashes: inline scripts of Streamlit's page. Figures need ``unsafe-eval`` (WebGL programs are put
    together when drawn) and, like all of Streamlit, inline styles.
    """
    scripts = " ".join(("'self'", "'unsafe-eval'", *(f"'{digest}'" for digest in script_hashes)))
    rules = {
        "default-src": "'self'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "media-src": "'self' data: blob:",
        "connect-src": f"'self' ws://{host} wss://{host} data: blob:",
        "worker-src": "'self' blob:",
        "frame-src": "'none'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{rule} {what}" for rule, what in rules.items())


class Gate:
    """ASGI middleware that refuses foreign requests (403, a WebSocket before it opens) and adds the headers.

    script_hashes: inline scripts that the page may run, as ``sha256-…``.
    """

    def __init__(self, app: AsgiApp, script_hashes: tuple[str, ...] = ()) -> None:
        self.app, self.entries, self.script_hashes = app, allowed(), script_hashes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        hosts, origins = _headers(scope, b"host"), _headers(scope, b"origin")
        host = hosts[0] if len(hosts) == 1 else None
        let_in = host_allowed(host, self.entries) and all(
            origin_allowed(origin, host, self.entries) for origin in origins
        )
        if let_in:
            await self.app(scope, receive, self._with_headers(send, host or ""))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await _refuse(self._with_headers(send, LOCAL[0]))

    def _with_headers(self, send: Send, host: str) -> Send:
        added = {
            b"content-security-policy": policy(host, self.script_hashes),
            b"x-frame-options": "DENY",
            b"x-content-type-options": "nosniff",
            b"referrer-policy": "same-origin",
            b"cross-origin-opener-policy": "same-origin",
            b"cross-origin-resource-policy": "same-origin",
        }
        encoded = [(name, text.encode("latin-1")) for name, text in added.items()]

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in added]
                message["headers"] = [*kept, *encoded]
            await send(message)

        return sending


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def _refuse(send: Send) -> None:
    body = REFUSED.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
