"""Where the release comes from, as an in-toto statement with SLSA's provenance (slsa.dev/spec/v1.0/provenance)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from release import CHECKOUT
from release.files import sha256
from runtime import debian, wheels

REPOSITORY = "https://github.com/cage1016/github-assets-cnb"


def provenance(packages: Mapping[str, str], reference: str, commit: str) -> str:
    """Return the statement over the packages (SHA-256 by name) and the image index, as JSON."""
    image, _, index = reference.partition("@sha256:")
    subjects = [*packages.items(), (image, index)]
    locks = [Path(path) for path in (debian.LOCK, wheels.LOCK)]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": f"{REPOSITORY}/blob/master/release",
                "externalParameters": {"repository": REPOSITORY, "commit": commit},
                "resolvedDependencies": [
                    {"uri": f"git+{REPOSITORY}", "digest": {"gitCommit": commit}},
                    *(
                        {"uri": f"git+{REPOSITORY}#{path.relative_to(CHECKOUT)}", "digest": {"sha256": sha256(path)}}
                        for path in locks
                    ),
                ],
            },
            "runDetails": {"builder": {"id": f"{REPOSITORY}/blob/master/.github/workflows/release.yml"}},
        },
    }
    return json.dumps(statement, indent=1) + "\n"
