"""What came out since somebody last looked, in this visit.

The numbers of the batches that were seen lie in the web session, which only the browser's cookie can read and which
ends with the visit. Nothing else remembers them: a server that knew what somebody has read would know when they were
here.
"""

from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

SEEN = "seen"


def since_last_look(web_session: SessionBase, pk: UUID, rounds: list[Any], shown: Any | None) -> dict[int, int]:
    """By number of a round: the last batch that was seen, of those rounds in which newer ones came out since.

    The first look of a visit sees all there is as known. After it, a round is seen when it is the one that is shown.
    """
    batches = {str(round.number): round.thread.batches for round in rounds if hasattr(round, "thread")}
    known = web_session.get(SEEN, {})
    before = known.get(str(pk), batches)
    new = {number: before.get(number, 0) for number, last in batches.items() if last > before.get(number, 0)}
    now = before | {str(shown.number): batches.get(str(shown.number), 0)} if shown else before
    if known.get(str(pk)) != now:
        web_session[SEEN] = known | {str(pk): now}
    return {int(number): last for number, last in new.items()}


def mark_new(texts: list[dict[str, Any]], last: int | None) -> dict[str, Any] | None:
    """Put `new` on texts and answers by others in later batches than `last` (None: on none); the first of them."""
    in_order = [one for text in texts for one in (text, *text["answers"])]
    for one in in_order:
        one["new"] = last is not None and one["batch"] > last and not one["speaker"]["mine"]
    return next((one for one in in_order if one["new"]), None)
