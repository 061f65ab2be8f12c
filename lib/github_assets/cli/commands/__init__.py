"""The commands of `github-assets`, one module each: `SUMMARY`, `EXAMPLES`, `add_arguments` and `run`."""
