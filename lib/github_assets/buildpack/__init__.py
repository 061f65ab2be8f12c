"""The front door for a lifecycle: detect, build, and the files that a lifecycle reads."""
