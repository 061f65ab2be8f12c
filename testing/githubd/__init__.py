"""A GitHub made of a local server: see README.md beside this file."""

from . import faults
from .server import Server
from .state import Asset, Attestation, GitHub, RateLimits, Release, Repository

__all__ = ["Asset", "Attestation", "GitHub", "RateLimits", "Release", "Repository", "Server", "faults"]
