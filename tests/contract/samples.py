"""The assets that the tests request, and those that the local GitHub has."""

from __future__ import annotations

import hashlib

PROBE = b"#!/bin/sh\n" + b"# a probe\n" * 6000
ARM_PROBE = b"#!/bin/sh\n" + b"# another\n" * 6000
DIGEST = hashlib.sha256(PROBE).hexdigest()
TOKEN = "github_pat_11ABCDEFG0_neverPrintedNorStored"

ASKED = {
    "REPO": "grpc-ecosystem/grpc-health-probe",
    "FILE": "grpc_health_probe-linux-amd64",
    "TARGET": "grpc_health_probe",
}
"""The settings of the case that the buildpack was born from."""
TEMPLATE = {**ASKED, "FILE": "grpc_health_probe-{os}-{arch}"}
"""The same for each platform."""
