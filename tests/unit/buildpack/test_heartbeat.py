from __future__ import annotations

import io
import threading

import pytest

from github_assets.buildpack import heartbeat
from github_assets.buildpack.heartbeat import INTERVAL, Heartbeat
from github_assets.log import Log


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_at_least_every_ten_seconds() -> None:
    assert INTERVAL <= 10


def test_lines_say_how_much_has_come_and_how_fast() -> None:
    out, clock = io.StringIO(), Clock()
    beating = Heartbeat(Log(out), [400_000_000, 100_000_000], clock)
    first, second = beating.progress(0), beating.progress(1)

    first(20_000_000)
    clock.now += 5
    beating.beat()
    first(120_000_000)
    second(100_000_000)
    clock.now += 10
    beating.beat()
    clock.now += 5
    beating.beat()

    assert out.getvalue().splitlines() == [
        "  Downloaded 20.0 MB of 500.0 MB (4 %), 0 of 2 assets, 4.0 MB/s",
        "  Downloaded 220.0 MB of 500.0 MB (44 %), 1 of 2 assets, 20.0 MB/s",
        "  Downloaded 220.0 MB of 500.0 MB (44 %), 1 of 2 assets, 0 B/s",
    ]


def test_a_download_that_starts_over_has_no_negative_speed() -> None:
    out, clock = io.StringIO(), Clock()
    beating = Heartbeat(Log(out), [1000], clock)
    report = beating.progress(0)
    for received in (900, 100):
        report(received)
        clock.now += 5
        beating.beat()

    assert out.getvalue().splitlines()[1] == "  Downloaded 100 B of 1.0 kB (10 %), 0 B/s"


def test_an_empty_asset() -> None:
    out = io.StringIO()

    Heartbeat(Log(out), [0], Clock()).beat()

    assert out.getvalue() == "  Downloaded 0 B of 0 B (0 %), 0 B/s\n"


def test_it_beats_while_the_block_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[str] = []
    enough = threading.Event()

    class Stream(io.StringIO):
        def write(self, text: str) -> int:
            beats.append(text)
            if len(beats) == 3:
                enough.set()
            return len(text)

    monkeypatch.setattr(heartbeat, "INTERVAL", 0.001)
    with Heartbeat(Log(Stream()), [10]) as beating:
        assert enough.wait(60)

    assert not beating._thread.is_alive()


def test_output_that_is_gone_ends_it() -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    beating = Heartbeat(Log(Full()), [10])
    beating._ended = type("Never", (), {"wait": lambda self, seconds: False})()  # type: ignore[assignment]

    beating._run()
