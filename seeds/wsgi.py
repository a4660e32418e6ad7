"""The pages, as WSGI."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seeds.settings")
pages = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django's pages. Forms of ours are UTF-8, whatever the sender calls it: a made-up charset would end in a 500."""
    kind, *parameters = environ.get("CONTENT_TYPE", "").split(";")
    kept = [part for part in parameters if not part.strip().lower().startswith("charset")]
    environ["CONTENT_TYPE"] = ";".join([kind, *kept])
    return pages(environ, start_response)
