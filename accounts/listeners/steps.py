"""One step on a listener's way, as the home page shows it."""

from dataclasses import dataclass

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True)
class Step:
    """What is to do. `url` is set when the listener can do it now; `why_not` says in one sentence why not yet."""

    title: Words
    text: Words = ""
    done: bool = False
    url: str = ""
    action: Words = ""
    why_not: Words = ""
