"""Every field that we keep is declared with who can read it, why, and until when."""

from collections import Counter

import pytest
from django.apps import apps
from django.db import models

from seeds.datamap import Kept

OURS = [model for label in ("accounts", "dialogue") for model in apps.get_app_config(label).get_models()]
#: Tables about participants: nothing in them may tell time or order.
ABOUT_PARTICIPANTS = {"Participant", "InviteCode", "Alias", "Comment", "Pass", "ModerationDecision"}
TELLS_TIME = (models.DateField, models.DateTimeField, models.TimeField, models.AutoField)


def declared_by(model: type[models.Model]) -> tuple[Kept, ...]:
    return getattr(model, "DATA", ())


def named(model: type[models.Model]) -> set[str]:
    return {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_field_is_declared_once(model: type[models.Model]) -> None:
    declared = Counter(name for kept in declared_by(model) for name in kept.fields.split())
    assert declared == Counter(named(model))


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_declaration_says_why_and_until_when(model: type[models.Model]) -> None:
    assert all(kept.why and kept.until and kept.level for kept in declared_by(model))


def test_tables_about_participants_tell_no_time_or_order() -> None:
    tables = [model for model in OURS if model.__name__ in ABOUT_PARTICIPANTS]
    assert len(tables) == len(ABOUT_PARTICIPANTS)
    telling = [
        f"{model.__name__}.{field.name}"
        for model in tables
        for field in model._meta.fields
        if isinstance(field, TELLS_TIME)
    ]
    assert telling == []
    assert {type(model._meta.pk) for model in tables} == {models.UUIDField}


def test_nothing_points_to_a_participant() -> None:
    participant = apps.get_model("accounts", "Participant")
    assert [relation.name for relation in participant._meta.related_objects] == []
    assert {field.name for field in participant._meta.fields} == {"id", "lookup", "wrapped", "epoch"}
