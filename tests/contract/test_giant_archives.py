"""Archives that are small to download and huge to unpack, with the limits of real builds."""

from __future__ import annotations

import gzip
import tarfile

from github_assets.install.limits import MAX_ENTRIES, MAX_RATIO
from testing.githubd import Release
from tests.contract.lifecycle import Lifecycle
from tests.contract.refusal import refused
from tests.contract.samples import ASKED

MILLIONS = 3_000_000
AT_ONCE = 10_000


def test_millions_of_entries(lifecycle: Lifecycle, release: Release) -> None:
    headers = (tarfile.TarInfo(f"doc/{number}").tobuf(tarfile.USTAR_FORMAT) for number in range(AT_ONCE))
    release.asset("tool.tar.gz", gzip.compress(b"".join(headers), 1) * (MILLIONS // AT_ONCE))

    what, _ = refused(lifecycle.build({**ASKED, "FILE": "tool.tar.gz"}), lifecycle)

    assert what == f"Refused to unpack tool.tar.gz: it has more than {MAX_ENTRIES} entries."


def test_a_bomb(lifecycle: Lifecycle, release: Release) -> None:
    tool = tarfile.TarInfo("tool")
    tool.size, tool.mode = 1 << 30, 0o755
    zeros = gzip.compress(bytes(1 << 24), 6)
    bomb = gzip.compress(tool.tobuf(tarfile.USTAR_FORMAT)) + zeros * (tool.size >> 24)
    release.asset("tool.tar.gz", bomb)

    what, _ = refused(lifecycle.build({**ASKED, "FILE": "tool.tar.gz"}), lifecycle)

    assert what == f"Refused to unpack tool.tar.gz: it expands to more than {MAX_RATIO} times its size."
