"""A local GitHub server for tests: see README.md in this directory."""

from . import faults
from .server import Server
from .state import Asset, Attestation, GitHub, RateLimits, Release, Repository

__all__ = ["Asset", "Attestation", "GitHub", "RateLimits", "Release", "Repository", "Server", "faults"]
