from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from github_assets.log import Log
from github_assets.secrets import Secret

TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.~+/=", min_size=1)
METHODS = ["title", "step", "detail", "debug", "warning", "error"]


@given(
    tokens=st.lists(TOKENS, min_size=1, max_size=3), around=st.lists(st.text(), min_size=4, max_size=4), data=st.data()
)
def test_no_secret_is_printed(tokens: list[str], around: list[str], data: st.DataObject) -> None:
    out = io.StringIO()
    log = Log(out, out)
    log.debugging = True
    log.add_secrets(Secret(token) for token in tokens)
    method = data.draw(st.sampled_from(METHODS))

    getattr(log, method)("".join(text + token for text, token in zip(around, tokens, strict=False)))

    assert not any(
        token in out.getvalue().replace("Warning: ", "").replace("debug: ", "")
        for token in tokens
        if token != "*" and len(token) > 1
    )


@example(before="", query="://x.example/?a=1&sig=2")
@given(before=st.text(alphabet="abc /\"'(", max_size=9), query=st.text("abcXYZ019%=&;+-_.~/?:@", min_size=1))
def test_no_query_of_a_url_is_printed(before: str, query: str) -> None:
    secret = f"sig=5f{query}end"
    out = io.StringIO()

    Log(out).step(f'{before} https://objects.example.com:443/a/b?se=1&{secret} "https://x.example/?{secret}".')

    assert secret not in out.getvalue()
    assert "https://objects.example.com:443/a/b " in out.getvalue()
    assert "https://x.example/" in out.getvalue()


@pytest.mark.parametrize("scheme", ["https", "http", "HTTPS", "ftp", "s3+https"])
def test_whatever_the_scheme(scheme: str) -> None:
    assert Log().redact(f"{scheme}://host/path?sig=1") == f"{scheme}://host/path"


def test_longer_secrets_are_redacted_first() -> None:
    log = Log()
    log.add_secrets([Secret("abc"), Secret("abcdef")])

    assert log.redact("abcdef abc") == "*** ***"


def test_an_empty_secret_changes_nothing() -> None:
    log = Log()
    log.add_secrets([Secret("")])

    assert log.redact("text") == "text"


def test_questions_are_not_queries() -> None:
    assert Log().redact("which one? see https://example.com/a, ok?") == "which one? see https://example.com/a, ok?"


def test_title_step_detail() -> None:
    out, err = io.StringIO(), io.StringIO()
    log = Log(out, err)
    log.title("title")
    log.step("step")
    log.detail("detail")
    log.warning("warning")
    log.block("to = 1\n\n[paste]\n")
    log.error("error\nwhat to do")

    assert out.getvalue() == "title\n  step\n    detail\n  Warning: warning\n    to = 1\n\n    [paste]\n"
    assert err.getvalue() == "error\nwhat to do\n"


@given(text=st.text(), method=st.sampled_from(METHODS))
def test_only_printable_text_is_printed(text: str, method: str) -> None:
    """Names in releases, archives and previous images hold escape sequences, and lines that CI systems obey."""
    out = io.StringIO()
    log = Log(out, out)
    log.debugging = True

    getattr(log, method)(text)

    lines = out.getvalue().removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 1 or method == "error"


@given(heading=st.text(), details=st.lists(st.text(), max_size=3), paste=st.text(min_size=1))
def test_only_printable_text_is_in_sections_and_warnings(heading: str, details: list[str], paste: str) -> None:
    out = io.StringIO()
    log = Log(out)
    log.section(heading, details)
    log.warning(heading, paste)

    lines = out.getvalue().removesuffix("\n").split("\n")
    assert all(line.isprintable() for line in lines)
    assert len(lines) == 2 + len(details) + 1 + paste.count("\n")


@pytest.mark.parametrize("method", ["title", "step", "detail", "warning"])
def test_a_name_cannot_begin_a_line(method: str) -> None:
    out = io.StringIO()

    getattr(Log(out), method)("Asset x\n::error title=forged::\x1b[2J")

    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()


def test_redaction_takes_linear_time() -> None:
    """A pattern that starts over at every word needed minutes for this one."""
    text = "a." * 500_000 + " ://?"

    assert Log().redact(text) == text[:-1]


def test_a_section_is_one_write() -> None:
    """What other threads print meanwhile comes before it or after it."""
    written: list[str] = []

    class Stream(io.StringIO):
        def write(self, text: str) -> int:
            written.append(text)
            return len(text)

    Log(Stream()).section("octo/tool latest: v1", ["Downloaded 1.0 kB", "Installed bin/tool"])

    assert written == ["  octo/tool latest: v1\n    Downloaded 1.0 kB\n    Installed bin/tool\n"]


def test_a_warning_with_lines_to_paste() -> None:
    out = io.StringIO()

    Log(out).warning("Not verified. To pin it:", 'repo = "a/b"\nsha256 = "0"')

    assert out.getvalue() == '  Warning: Not verified. To pin it:\n    repo = "a/b"\n    sha256 = "0"\n'


def test_debug_prints_only_if_asked_for() -> None:
    out = io.StringIO()
    log = Log(out)
    log.debug("nothing")
    log.debugging = True
    log.debug("GET api.github.com/x: 200")

    assert out.getvalue() == "    debug: GET api.github.com/x: 200\n"


@pytest.mark.parametrize(
    ("color", "terminal", "colored"),
    [(None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_colors(color: bool | None, terminal: bool, colored: bool) -> None:
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    out = Stream()
    log = Log(out, out)
    log.color = color
    log.title("title")
    log.step("step")
    log.warning("careful")
    log.error("ERROR: wrong\nfix it")

    warning, error = ("\x1b[33mWarning:\x1b[0m", "\x1b[1;31mERROR:\x1b[0m") if colored else ("Warning:", "ERROR:")
    assert out.getvalue() == f"title\n  step\n  {warning} careful\n{error} wrong\nfix it\n"
