"""Bytes that are fetched and proven."""
