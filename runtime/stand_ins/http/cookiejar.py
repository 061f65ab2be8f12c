"""Stands in for http.cookiejar: nothing here sends a cookie. requests wants the classes when it is imported."""


class CookiePolicy:
    """What no jar has."""


class Cookie:
    """What is never made."""


class CookieJar:
    """What is never filled."""
