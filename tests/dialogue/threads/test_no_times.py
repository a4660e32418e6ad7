"""Nobody sees when a participant wrote: not on any page of any role, not in a header, a file, or an order."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Participant, User
from dialogue.moderation.actions import approve_comment, claim_comment, release_batch, return_comment
from dialogue.moderation.actions_edits import propose_words, take_words
from dialogue.sessions.models import Alias, DialogueSession, Round, RoundKind
from dialogue.threads.actions import ask_for_retelling, pass_round, revise_comment, submit_comment, withdraw_comment
from dialogue.threads.models import Comment
from tests import factories
from tests.test_urls import people, targets  # noqa: F401 - fixtures: the cast and the things of the table
from tests.url_table import ROWS, VIEWERS

pytestmark = pytest.mark.promise("P8")

ClientFor = Callable[[User | Participant | None], Client]
#: When everything was written: at seven past, on a day on which nothing else happened.
ODD = datetime(2026, 2, 5, 3, 7, 41, tzinfo=UTC)
#: When everybody looks: at half past, so that no other time is at seven past.
LOOK = timezone.now().replace(minute=30, second=0, microsecond=0)
TRACES = re.compile(
    r"\b[0-2]?\d[:.h]07\b|T0307|(?<![\w-])0307(?:41)?(?![\w-])|"  # the time, in any time zone; not within an id
    r"2026-0?2-0?[45]|\b0?[45]/0?2/2026|\b0?2/0?[45]/2026|2026020[45]|\b0?[45]\.0?2\.(?:20)?26|"
    r"Feb(?:ruary|\.)?,? 0?[45]\b|\b0?[45]\.? (?:de )?[Ff]eb|" + str(int(ODD.timestamp()))[:7],
    re.IGNORECASE,
)
#: What a server says about the age of an answer's content.
TELLING = ("Last-Modified", "ETag", "Age", "X-Runtime", "Server-Timing")


def traces(response: Any) -> list[str]:
    """Where an answer tells the time or the date of writing."""
    parts = [b"".join(response.streaming_content) if response.streaming else response.content]
    text = parts[0].decode(errors="replace") + "\n" + "\n".join(f"{name}: {value}" for name, value in response.items())
    cookies = "\n".join(morsel.OutputString() for morsel in response.cookies.values())
    headers = [name for name in TELLING if name in response.headers]
    return TRACES.findall(f"{text}\n{cookies}") + headers


@pytest.mark.parametrize(
    "text",
    [
        "at 3:07 AM", "22:07", "2026-02-05T03:07Z", "February 5, 2026", "Feb 4", "5 de febrero", "20991231T0307",
        "at 0307", "5/2/2026", str(int(ODD.timestamp()) + 50),
    ],
)  # fmt: skip
def test_the_search_would_find_it(text: str) -> None:
    assert traces(HttpResponse(text)) != []
    assert traces(HttpResponse("Nothing", headers={"ETag": "x"})) == ["ETag"]


@pytest.fixture
def authors(open_session: DialogueSession, alias: Alias) -> list[Alias]:
    return [alias, *(factories.make_alias(open_session) for _ in range(7))]


@pytest.fixture
def acts(open_session: DialogueSession, authors: list[Alias], facilitator: User) -> Round:
    """A round in which participants did all that they can do, at ODD; facilitators answered at LOOK."""
    open_session.rounds.filter(state="open").update(state="done")
    round = factories.make_round(open_session, RoundKind.DIALOGUE)
    with at_odd():
        texts = [submit_comment(round, text=f"Story {number}", alias=alias) for number, alias in enumerate(authors)]
        ask_for_retelling(texts[1], wanted=True, version=1)
    with time_machine.travel(LOOK, tick=False):
        propose_words(texts[0], version=1, text="Told", note="Why", by=facilitator)
        propose_words(texts[1], version=2, text="Retold", by=facilitator)
        return_comment(texts[2], version=1, reason="contempt", by=facilitator)
        claim_comment(texts[7], version=1, by=facilitator)
        for text in texts[3:6]:
            approve_comment(text, version=1, by=facilitator)
        release_batch(round, by=facilitator)
    with at_odd():
        take_words(fresh(texts[1]), version=3)
        revise_comment(fresh(texts[2]), text="Calmer", version=2)
        withdraw_comment(fresh(texts[3]))
        answer = submit_comment(round, text="Answer", alias=authors[0], parent=fresh(texts[4]))
        pass_round(round, alias=authors[0])
    with time_machine.travel(LOOK, tick=False):
        approve_comment(answer, version=1, by=facilitator)
    return round


def at_odd() -> time_machine.travel:
    """The clock stands at the odd moment."""
    return time_machine.travel(ODD, tick=False)


def fresh(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


@pytest.fixture
def look(acts: Round) -> Iterator[None]:
    """Everybody looks at half past; the times of sessions are at half past too."""
    start = LOOK + timedelta(days=10)
    DialogueSession.objects.update(starts_at=start, ends_at=start + timedelta(days=2))
    DialogueSession.objects.exclude(announced_at=None).update(announced_at=LOOK)
    DialogueSession.objects.exclude(closed_at=None).update(closed_at=LOOK)
    with time_machine.travel(LOOK, tick=False):
        yield


def objects(targets: dict[str, dict[str, Any]], round: Round) -> dict[str, list[dict[str, Any]]]:  # noqa: F811
    """For each object of the table, all that its addresses are asked with: every text instead of one."""
    texts = [{"pk": pk} for pk in Comment.objects.values_list("pk", flat=True)]
    asked = {name: [given] for name, given in targets.items()}
    return asked | {"held": texts, "returned": texts, "round": [{"pk": round.pk}]}


@pytest.mark.parametrize("viewer", [viewer for viewer in VIEWERS if not viewer.startswith("other_")])
def test_no_page_of_any_role_tells_when_it_was_written(
    viewer: str,
    people: dict[str, Any],  # noqa: F811
    targets: dict[str, dict[str, Any]],  # noqa: F811
    acts: Round,
    look: None,
    client_for: ClientFor,
) -> None:
    asked = objects(targets, acts)
    found, shown = {}, 0
    for row in ROWS:
        client = client_for(people[viewer])
        for given in asked[row.target]:
            response = client.get(reverse(row.name, kwargs=given))
            shown += response.status_code == 200
            if traces(response):
                found[row.name] = traces(response)
    assert found == {}
    assert shown > 20  # most of the pages that this viewer may see were seen


def test_the_room_shows_the_drawn_order(
    open_session: DialogueSession, listening: Round, facilitator: User, participant: Participant, client_for: ClientFor
) -> None:
    """Neither the order of writing nor that of the ids, which could be compared with other lists."""
    written = []
    for number in range(12):
        text = submit_comment(listening, text=f"Story {number}.", alias=factories.make_alias(open_session))
        written.append(approve_comment(text, version=1, by=facilitator))
    release_batch(listening, by=facilitator)
    page = client_for(participant).get(reverse("threads:room", args=[open_session.pk])).content.decode()
    shown = [int(number) for number in re.findall(r"Story (\d+)\.", page)]
    assert sorted(shown) == list(range(12))
    by_id = sorted(range(12), key=lambda number: written[number].pk)
    assert shown not in (list(range(12)), list(range(11, -1, -1)), by_id, by_id[::-1])


def test_lists_of_one_stretch_of_hours_stand_by_random_ids(
    open_session: DialogueSession, listening: Round, facilitator: User, client_for: ClientFor
) -> None:
    texts = [
        submit_comment(listening, text=f"Story {number}", alias=factories.make_alias(open_session))
        for number in range(12)
    ]
    ids = sorted(str(text.pk) for text in texts)
    client = client_for(facilitator)
    queue = client.get(reverse("moderation:queue")).content.decode()
    assert list(dict.fromkeys(re.findall(r"/desk/queue/([0-9a-f-]{36})/", queue))) == ids
    for text in texts:
        approve_comment(text, version=1, by=facilitator)
    release = client.get(reverse("moderation:release", args=[listening.pk])).content.decode()
    assert re.findall(r'name="text" value="([^"]+)"', release) == ids
    assert ids != [str(text.pk) for text in texts]


def test_ones_own_texts_stand_by_random_ids(
    open_session: DialogueSession, alias: Alias, participant: Participant, client_for: ClientFor
) -> None:
    """Also for whoever looks over the author's shoulder."""
    open_session.rounds.filter(state="open").update(state="done")
    round = factories.make_round(open_session, RoundKind.DIALOGUE)
    Round.objects.filter(pk=round.pk).update(turn=8)
    ids = sorted(str(submit_comment(round, text=f"Mine {number}", alias=alias).pk) for number in range(8))
    page = client_for(participant).get(reverse("threads:mine", args=[open_session.pk])).content.decode()
    assert re.findall(r"/room/texts/([0-9a-f-]{36})/withdraw/", page) == ids


def test_an_answer_is_the_same_however_long_ago_it_was_written(
    acts: Round, look: None, participant: Participant, client_for: ClientFor
) -> None:
    """A browser that has the page gets it whole again: a "not modified" would tell that nothing was written since."""
    address = reverse("threads:room", args=[acts.dialogue_session_id])
    for known in ({}, {"If-Modified-Since": "Thu, 05 Feb 2099 03:07:00 GMT"}, {"If-None-Match": "*"}):
        response = client_for(participant).get(address, headers=known)
        assert (response.status_code, "no-store" in response.headers["Cache-Control"]) == (200, True)
