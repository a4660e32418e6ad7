"""A facilitator who reads a reflection sees which story it tells back."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.moderation.actions import claim_comment
from dialogue.reflections.actions import submit_reflection
from dialogue.threads.actions import withdraw_comment
from tests.dialogue.reflections.stage import Stage, at_reflection

stage = at_reflection
ClientFor = Callable[[User | Participant | None], Client]


def test_the_story_stands_above_once_it_is_opened(stage: Stage, client_for: ClientFor) -> None:
    one = submit_reflection(stage.round, heard=stage.story, text="Your bag was taken.", seat=stage.seat)
    client, url = client_for(stage.facilitator), reverse("moderation:item", args=[one.comment_id])
    assert "They took my bag." not in client.get(url).content.decode()
    claim_comment(one.comment, version=1, by=stage.facilitator)
    page = client.get(url).content.decode()
    assert f"What was heard in the story of {stage.alias.name}, who wrote:" in page
    assert "They took my bag." in page
    withdraw_comment(stage.story)
    page = client.get(url).content.decode()
    assert "Taken back by the person who wrote it." in page
    assert "They took my bag." not in page
