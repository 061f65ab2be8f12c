"""Which asset of a release it is."""
