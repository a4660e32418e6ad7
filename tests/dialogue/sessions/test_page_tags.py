"""What every page of a talk carries: where it is on its path, and what else there is in it."""

import re
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, User
from dialogue.sessions.models import DialogueSession, Round, State
from dialogue.sessions.page_tags import talk_path

ClientFor = Callable[[User | Participant | None], Client]
PAGES = (
    *("threads:mine", "threads:write", "facts:read"),
    *("acknowledgments:read", "commitments:in_session", "messages:mine"),
)


def test_the_path_counts_what_is_held(
    open_session: DialogueSession, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rounds = list(open_session.rounds.order_by("number"))
    Round.objects.filter(pk=rounds[0].pk).update(state=Round.State.SKIPPED)
    with django_assert_num_queries(1):
        steps = talk_path(open_session)["steps"]
    assert [step["round"] for step in steps] == rounds[1:]
    assert [step["state"] for step in steps].count("now") == 1
    open_session.rounds.filter(state=Round.State.OPEN).update(state=Round.State.PLANNED)
    assert talk_path(open_session) == {"steps": []}, "between two rounds"


def test_there_is_no_path_before_and_after(
    announced: DialogueSession, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert talk_path(announced) == {"steps": []}
        announced.state = State.FOLLOW_UP
        assert talk_path(announced) == {"steps": []}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_an_open_talk_says_where_it_is(
    name: str, open_session: DialogueSession, participant: Participant, client_for: ClientFor
) -> None:
    html = client_for(participant).get(reverse(name, args=[open_session.pk])).content.decode()
    assert html.count('class="stepper"') == 1
    assert html.count('class="talk"') == (0 if name == "threads:write" else 1), "who writes is led nowhere else"


@pytest.mark.parametrize(
    ("role", "own", "extra"),
    [("participant", 1, "messages:mine"), ("listener", 1, ""), ("facilitator", 0, "messages:list")],
)
def test_the_menu_of_a_talk_fits_who_looks(
    role: str, own: int, extra: str, announced: DialogueSession, rf: RequestFactory
) -> None:
    def at(name: str) -> str:
        return reverse(name, args=[announced.pk])

    request = rf.get(at("facts:read"))
    context = {"session": announced, "viewer_role": role, "request": request}
    html = render_to_string("components/talk_menu.html", context)
    told = ["threads:room", "acknowledgments:read", "facts:read", "commitments:in_session"]
    expected = [at(name) for name in ["threads:mine"] * own + told + [extra] * bool(extra)]
    assert re.findall('href="([^"]+)"', html) == expected
    assert re.findall('href="([^"]+)" aria-current="page"', html) == [at("facts:read")]
