"""What the other journeys rest on: when a page counts as waiting for its server."""

from __future__ import annotations

from playwright.sync_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SAID = """([sent, answers]) => {
    const socket = new EventTarget();
    try { WebSocket.prototype.send.call(socket, new Uint8Array(sent)); } catch { /* no real socket */ }
    const waits = [window.winnowAsked];
    for (const answer of answers) {
        socket.dispatchEvent(new MessageEvent("message", {data: new Uint8Array(answer).buffer}));
        waits.push(window.winnowAsked);
    }
    return waits;
}"""


def _asks(page: Page, fragment: str, *answers: ForwardMsg) -> list[bool]:
    """Whether the page waits once it has asked for a run, and after each answer."""
    asked = BackMsg()
    asked.rerun_script.fragment_id = fragment
    asked.rerun_script.query_string = "data=1"
    return list(
        page.evaluate(
            SAID, [list(asked.SerializeToString()), [list(one.SerializeToString()) for one in answers]]
        )
    )


def test_a_page_waits_until_the_run_it_asked_for_began_and_ended_or_was_dropped(page: Page) -> None:
    page.clock.install()
    page.goto("about:blank")
    began, ended = ForwardMsg(hash="a"), ForwardMsg(hash="b")
    began.new_session.name = "page"
    ended.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    assert _asks(page, "", ended, began, ended) == [True, True, True, False]
    assert _asks(page, "part of the page", began) == [True, True]
    page.clock.fast_forward(60_000)
    assert page.evaluate("window.winnowAsked"), "it began: it will end"
    assert _asks(page, "part that is gone") == [True]
    page.clock.fast_forward(2_000)
    assert page.evaluate("window.winnowAsked"), "it may still begin"
    page.clock.fast_forward(60_000)
    assert not page.evaluate("window.winnowAsked"), "nothing will come"
    assert _asks(page, "") == [True]
    page.clock.fast_forward(60_000)
    assert page.evaluate("window.winnowAsked"), "the whole page is never dropped"
