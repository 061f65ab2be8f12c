"""Stands in for urllib.request, whose look at proxies requests offers on: `github_assets.proxies` is what decides."""


def getproxies() -> dict[str, str]:
    """Return none."""
    return {}


def parse_http_list(text: str) -> list[str]:
    """Raise NotImplementedError: nothing here reads such a list."""
    raise NotImplementedError


def proxy_bypass(host: str) -> bool:
    """Return False: as far as requests knows, there is no proxy."""
    return False


getproxies_environment = getproxies
proxy_bypass_environment = proxy_bypass
