"""Stands in for http.cookies: nothing here sends a cookie. requests wants the class when it is imported."""


class Morsel(dict[str, str]):
    """What is never made."""
