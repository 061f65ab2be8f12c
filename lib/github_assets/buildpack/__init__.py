"""The lifecycle's front door: detect, build, and the files that a lifecycle reads."""
