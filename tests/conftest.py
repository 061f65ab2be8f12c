from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.properties import FUZZ, examples

# An example may take its time: the machine may be busy with something else.
settings.register_profile(
    "untimed",
    max_examples=examples(60),
    deadline=None,
    derandomize=not FUZZ,  # new examples are for the nightly run: they must not fail somebody's unrelated change
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("untimed")
