"""A really started server: who is let in, what browsers are told, and that nobody outside is asked."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from components.gate import Allowed, allowed, policy
from tests.journeys.conftest import Server

NAMED = "winnow.example.org"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
PATHS = (
    "/",
    "/profile",
    "/_stcore/health",
    "/_stcore/host-config",
    "/media/x",
    "/_stcore/agent/openapi.json",
)


class Outside(socketserver.ThreadingTCPServer):
    """Stands in for the world: a proxy that every look-up of Python's would come to. Counts who asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self.asked = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, request, client_address) -> None:
        self.asked += 1
        super().process_request(request, client_address)


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with Outside() as listening:
        yield listening
        listening.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Iterator[Server]:
    """Listens on every address, as in a container: Streamlit would ask outside for this machine's own."""
    proxy = f"http://127.0.0.1:{outside.server_address[1]}"
    home = tmp_path_factory.mktemp("home")
    made = Server(
        home,
        STREAMLIT_SERVER_ADDRESS="0.0.0.0",
        WINNOW_HOSTS=f"{NAMED}, *.lab.example http://plain.example:8080",
        http_proxy=proxy,
        https_proxy=proxy,
        no_proxy="",
    )
    yield made
    made.kill()


def ask(server: Server, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a raw request."""
    told = {
        "Host": f"localhost:{server.port}",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {text}" for name, text in told.items() if text), "", ""]
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        with connection.makefile("rb") as answer:
            status = int(answer.readline().split()[1])
            fields = iter(answer.readline, b"\r\n")
            return status, dict(field.decode().lower().rstrip().split(": ", 1) for field in fields)


@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_host_is_refused_everywhere(server: Server, path: str) -> None:
    for host in (
        "evil.example",
        f"evil.example:{server.port}",
        "localhost.evil.example",
        "10.0.0.7",
        "x@localhost",
        "",
    ):
        status, headers = ask(server, path, Host=host)
        assert status in ((403,) if host else (400, 403)), host
        assert status == 400 or headers["x-frame-options"] == "deny"
    for host in ("localhost", f"127.0.0.1:{server.port}", "[::1]:80", NAMED, "A.lab.example", "LOCALHOST."):
        assert ask(server, path, Host=host)[0] != 403, host


def test_a_page_of_another_site_is_refused(server: Server) -> None:
    here = f"http://localhost:{server.port}"
    for origin in (
        "http://evil.example",
        "null",
        f"http://localhost:{server.port + 1}",
        "https://localhost",
        "x",
    ):
        assert ask(server, "/_stcore/health", Origin=origin)[0] == 403, origin
        assert ask(server, "/_stcore/stream", Origin=origin, **UPGRADE)[0] == 403, origin
        assert ask(server, "/_stcore/upload_file/a/b", method="PUT", Origin=origin)[0] == 403, origin
    assert (
        ask(server, "/_stcore/stream", Host="evil.example", Origin="http://evil.example", **UPGRADE)[0] == 403
    )
    assert ask(server, "/_stcore/health", Origin=here)[0] == 200
    for origin in (here, f"https://{NAMED}"):
        assert ask(server, "/_stcore/stream", Origin=origin, **UPGRADE)[0] == 101, origin


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        # a proxy that passes on the name
        ("https://a.lab.example", "a.lab.example", 101),
        ("https://a.lab.example", "a.lab.example:443", 101),
        ("https://a.lab.example:8443", "a.lab.example:8443", 101),
        ("http://a.lab.example", "a.lab.example:80", 101),
        ("http://localhost", "localhost:80", 101),
        (f"https://{NAMED.upper()}.", NAMED, 101),
        ("https://b.lab.example", "a.lab.example", 403),
        ("https://a.lab.example:9999", "a.lab.example", 403),
        ("http://a.lab.example", "a.lab.example", 403),
        (f"http://{NAMED}", NAMED, 403),
        ("http://localhost", "localhost", 101),
        # a proxy that does not
        (f"https://{NAMED}", "127.0.0.1:8501", 101),
        (f"https://{NAMED}:443", "127.0.0.1:8501", 101),
        ("http://plain.example:8080", "127.0.0.1:8501", 101),
        (f"http://{NAMED}", "127.0.0.1:8501", 403),
        (f"https://{NAMED}:9999", "127.0.0.1:8501", 403),
        (f"https://x.{NAMED}", "127.0.0.1:8501", 403),
        ("https://plain.example:8080", "127.0.0.1:8501", 403),
        ("http://plain.example", "127.0.0.1:8501", 403),
        ("https://a.lab.example", "127.0.0.1:8501", 403),
        ("https://*.lab.example", "127.0.0.1:8501", 403),
        ("http://127.0.0.1:8502", "127.0.0.1:8501", 403),
    ],
)
def test_the_gate_and_streamlit_let_the_same_pages_in(
    server: Server, origin: str, host: str, status: int
) -> None:
    """101: the gate let it through, and Streamlit did not refuse it after all."""
    assert ask(server, "/_stcore/stream", Host=host, Origin=origin, **UPGRADE)[0] == status


def test_an_entry_that_is_no_name_allows_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(
        "WINNOW_HOSTS", "ftp://a.example b.example/path *, d.example. https://[::1]:80/ x@y *x"
    )
    assert allowed() == (Allowed("d.example"), Allowed("[::1]", "https", "80"))
    assert len(caplog.records) == 5


@pytest.mark.parametrize("path", ("/", "/profile", "/_stcore/health", "/media/none"))
def test_every_answer_keeps_the_browser_here(server: Server, path: str) -> None:
    headers = ask(server, path)[1]
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert set(rules) == {rule.split(" ")[0] for rule in policy("x").split("; ")}
    assert rules["frame-ancestors"] == rules["object-src"] == rules["frame-src"] == "'none'"
    here = {f"ws://localhost:{server.port}", f"wss://localhost:{server.port}"}
    for rule, sources in rules.items():
        places = {source for source in sources.split() if "//" in source or source == "*" or "." in source}
        assert places <= (here if rule == "connect-src" else set()), rule
    assert "unsafe-inline" not in rules["script-src"] and "sha256-" in rules["script-src"]
    assert headers["x-frame-options"] == "deny" and headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_nobody_outside_is_asked_anything(server: Server, outside: Outside) -> None:
    """Last, after foreign pages were judged."""
    ask(server, "/_stcore/stream", Origin="http://evil.example", **UPGRADE)
    ask(server, "/_stcore/stream", Host="127.0.0.1", Origin="https://b.lab.example", **UPGRADE)
    assert outside.asked == 0
