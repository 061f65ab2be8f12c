"""Stands in for urllib3's experimental HTTP/2, which needs a package (h2) that is not here and imports slow ones."""
