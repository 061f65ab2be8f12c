"""GitHub: its API, servers, releases and credentials."""
