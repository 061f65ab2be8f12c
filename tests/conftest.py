from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.properties import FUZZ

if FUZZ:
    settings.register_profile(
        "fuzz", max_examples=FUZZ, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
    )
    settings.load_profile("fuzz")
