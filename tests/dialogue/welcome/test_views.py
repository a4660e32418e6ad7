"""The public pages: what they say, how plainly, and to whom."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.text import capfirst

from accounts.models import Participant, User
from dialogue.retention.kept import GROUPS
from dialogue.sessions.models import State
from tests import factories
from tests.reading import grade, text_of

pytestmark = pytest.mark.django_db
PAGES = ("home", "how", "police", "promises", "kept", "kept_of_others", "safety", "leaving", "listening", "about")
ClientFor = Callable[[User | Participant | None], Client]


def page(name: str) -> str:
    return Client().get(reverse(f"welcome:{name}")).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_public_pages_read_at_grade_six(name: str) -> None:
    factories.make_resource(note="Somebody to talk to.")
    assert grade(text_of(page(name))) <= 6


def test_the_measure_tells_plain_from_hard() -> None:
    assert grade("You can leave. You can pass. It is up to you.") < 2
    hard = "Institutional reconciliation necessitates unequivocal acknowledgment of contemporaneous responsibility."
    assert grade(hard) > 20


@pytest.mark.parametrize("name", PAGES)
def test_public_pages_promise_no_more_than_is_so(name: str) -> None:
    words = text_of(page(name)).lower()
    assert [word for word in ("safe", "secure", "guarantee", "confidential") if word in words] == []


@pytest.mark.parametrize("name", PAGES)
def test_public_pages_leave_nothing_in_the_browser(name: str) -> None:
    response = Client().get(reverse(f"welcome:{name}"))
    assert (dict(response.cookies), response.headers["Cache-Control"]) == ({}, "no-store")


@pytest.mark.parametrize("name", PAGES)
def test_every_public_page_has_the_neutral_title_and_the_exit(name: str) -> None:
    html = page(name)
    assert "<title>Welcome</title>" in html
    assert f'<form class="exit" method="post" action="{reverse("accounts:exit")}">' in html


def test_front_page_has_two_doors_and_all_that_matters_before_them() -> None:
    session = factories.make_session(State.ANNOUNCED)
    session.agencies.add(factories.make_agency("Tamsen Police"))
    factories.make_resource(name="Night Lamp", contact="555-0142")
    html, words = page("home"), text_of(page("home"))
    doors = (reverse("accounts:card"), reverse("accounts:sign_in"), reverse("account_signup"), reverse("account_login"))
    assert [door for door in doors if f'href="{door}"' not in html] == []
    assert "Tamsen Police" in html  # a name, which is left alone where words are measured
    told = (session.title, "Night Lamp", "555-0142", settings.SITE_OPERATOR, settings.SITE_FUNDING)
    assert [fact for fact in told if fact not in words] == []


def test_front_page_without_dates_and_help_lines_says_so() -> None:
    words = text_of(page("home"))
    assert "No talk is set right now. New times will stand here." in words
    assert "We can’t help in an emergency. Call your emergency number." in words


def test_old_help_lines_are_marked() -> None:
    factories.make_resource(name="Old", verified_on="2020-01-01")
    assert "Nobody checked this since January 1, 2020. It may be wrong now." in text_of(page("home"))


def test_what_nobody_can_promise_stands_at_the_door_and_with_what_police_see() -> None:
    for name in ("home", "police"):
        words = text_of(page(name))
        for sentence in (
            "They may repeat it.",
            "a pledge is not immunity.",
            "The law does not shield what is said here.",
            "took over our server in secret",
            "The way you write",
            "Only a few people are in each talk.",
            "may not be who they say.",
            "Whoever has your seven words can read what you wrote.",
            "We can’t clean your phone.",
            "It does not wipe the phone’s history.",
            "What is gone by then stays gone.",
        ):
            assert sentence in words, (name, sentence)


def test_what_to_look_out_for_is_one_link_away_and_says_what_is_not_covered() -> None:
    way = f'href="{reverse("welcome:safety")}"'
    assert [name for name in PAGES if way not in page(name)] == []
    words = text_of(page("safety"))
    for sentence in (
        "The phone still lists our name and the time.",
        "Who gave you the card knows that you have one.",
        "Leave out names, places, dates, ages and phone numbers",
        "But a pledge is not immunity.",
        "If a court tells us to stop deleting, we must.",
        "Whoever makes you sign in sees your talks",
        "so we can’t help in an emergency.",
    ):
        assert sentence in words, sentence
    onward = ("welcome:leaving", "welcome:police", "welcome:kept", "welcome:promises", "resources:help")
    assert [name for name in onward if f'href="{reverse(name)}"' not in page("safety")] == []


def test_the_listening_guide_tells_what_to_do_and_keeps_no_score() -> None:
    words = text_of(page("listening"))
    for heading in ("Listen to understand.", "Don’t cross-examine.", "Don’t look for who it is.", "When there is"):
        assert heading in words, heading
    assert [word for word in ("point", "level", "rank", "percent", "%") if word in words] == []


def test_who_runs_this_is_told_from_the_settings() -> None:
    words = text_of(page("about"))
    facts = (settings.SITE_OPERATOR, settings.SITE_FUNDING, settings.SITE_HOSTING, settings.SITE_CONTACT)
    assert [fact for fact in facts if fact not in words] == []


def test_the_data_map_tells_every_declaration_and_stays_light() -> None:
    pages = page("kept"), page("kept_of_others")
    html = "".join(pages)
    told = [escape(capfirst(str(kept.what))) for group in GROUPS for kept in group.entries]
    assert [what for what in told if f"<dt>{what}</dt>" not in html] == []
    assert len(told) > 50
    # With the style sheets 25 KiB, as all that participants load.
    assert [len(one.encode()) <= 16 * 1024 for one in pages] == [True, True]


def test_what_matters_most_of_the_data_map_stands_on_top() -> None:
    words = text_of(page("kept"))
    for sentence in (
        "we keep no name, no phone, no e-mail",
        "60 to 74 days after the talk",
        "a court can make us stop",
    ):
        assert sentence in words.partition("About you")[0]


def test_gallery_shows_what_a_form_says(operator: User, client_for: ClientFor) -> None:
    client = client_for(operator)
    html = client.post(reverse("welcome:components"), {"empty-title": "Kept as typed"}).content.decode()
    assert 'value="Kept as typed"' in html
    assert html.count("Please look at this again") == 2


def test_public_pages_cannot_be_posted_to() -> None:
    assert [Client().post(reverse(f"welcome:{name}")).status_code for name in PAGES] == [405] * len(PAGES)


NAVIGATION = {
    "public": ("sessions:list", "sessions:times", "commitments:register", "welcome:how"),
    "participant": ("sessions:mine", "accounts:participant_account"),
    "listener": ("accounts:listener_home", "sessions:seats", "accounts:profile"),
    "facilitator": (
        "desk:home",
        "moderation:queue",
        "sessions:create",
        "accounts:cards",
        "accounts:listeners",
        "accounts:profile",
    ),
    "operator": ("accounts:operator_home", "admin:index", "welcome:components", "accounts:profile"),
}


def test_everybody_has_the_navigation_of_their_role(
    participant: Participant, listener: User, facilitator: User, operator: User, client_for: ClientFor
) -> None:
    people: dict[str, Any] = {
        "public": None,
        "participant": participant,
        "listener": listener,
        "facilitator": facilitator,
        "operator": operator,
    }
    for role, person in people.items():
        html = client_for(person).get(reverse("welcome:home")).content.decode()
        navigation = html.partition('<nav class="nav"')[2].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)"', navigation) == [reverse(name) for name in NAVIGATION[role]]
        signs_out = f'action="{reverse("account_logout")}"' in navigation
        assert signs_out == (role in ("listener", "facilitator", "operator"))


def test_every_link_of_the_navigation_opens(
    participant: Participant, listener: User, facilitator: User, operator: User, client_for: ClientFor
) -> None:
    people: dict[str, Any] = {
        "participant": participant,
        "listener": listener,
        "facilitator": facilitator,
        "operator": operator,
    }
    for role, person in people.items():
        client = client_for(person)
        opened = {name: client.get(reverse(name)).status_code for name in NAVIGATION[role]}
        assert opened == dict.fromkeys(NAVIGATION[role], 200)
