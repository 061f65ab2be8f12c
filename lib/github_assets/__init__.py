"""A Cloud Native Buildpack that puts GitHub release assets into application images."""

__version__ = "3.0.0"
