"""The front door for a terminal: the `github-assets` command."""
