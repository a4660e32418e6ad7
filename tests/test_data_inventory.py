"""Every field that we keep is declared with who can read it, why, and until when."""

import re
from collections import Counter

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils.functional import Promise

from dialogue.retention.kept import GROUPS, joins
from dialogue.retention.tables import ABOUT_OTHERS, SCRUBBED
from seeds.datamap import Kept

OURS = [model for label in ("accounts", "dialogue") for model in apps.get_app_config(label).get_models()]
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
    bare = [kept.fields for kept in declared_by(model) if not (kept.level and kept.what and kept.why and kept.until)]
    assert bare == []


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_declaration_is_in_words_that_can_be_translated(model: type[models.Model]) -> None:
    """The page shows them, so they are no code: a proxy stands for words marked for translation."""
    words = [word for kept in declared_by(model) for word in (kept.what, kept.why, kept.until)]
    assert [word for word in words if not isinstance(word, Promise)] == []
    assert [str(word) for word in words if re.search(r"\w_\w|[A-Z]{2}", str(word).replace("IP", ""))] == []


@pytest.mark.django_db
def test_every_table_of_the_database_is_on_the_page_with_all_its_columns() -> None:
    """Tables of libraries too: a new one, or a new column, fails here until somebody says what it is for."""
    with connection.cursor() as cursor:
        found = {
            table: {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for table in connection.introspection.table_names(cursor)
        }
    told = {table: kept for group in GROUPS for table, kept in group.tables.items()}
    ours = {model._meta.db_table for model in OURS} | {table for model in OURS for table in joins(model)}
    assert sorted(told) == sorted(found)
    assert {
        table: set(" ".join(entry.fields for entry in kept).split())
        for table, kept in told.items()
        if table not in ours
    } == {table: columns for table, columns in found.items() if table not in ours}


def test_every_table_stands_in_one_group() -> None:
    tables = Counter(table for group in GROUPS for table in group.tables)
    assert [table for table, times in tables.items() if times > 1] == []


def test_every_table_is_declared_once() -> None:
    """A new table is about participants, and then the scrub treats it, or somebody says that it is not."""
    assert Counter(SCRUBBED) + Counter(ABOUT_OTHERS) == Counter(OURS)


def test_what_points_to_a_table_about_participants_is_one() -> None:
    pointing = {
        relation.related_model
        for model in SCRUBBED
        for relation in model._meta.related_objects
        if relation.related_model in OURS
    }
    joining = [field.name for model in SCRUBBED for field in model._meta.many_to_many]
    assert (pointing - set(SCRUBBED), joining) == (set(), [])


@pytest.mark.parametrize("model", SCRUBBED, ids=lambda model: model.__name__)
@pytest.mark.promise("P8")
def test_tables_about_participants_tell_no_time_or_order(model: type[models.Model]) -> None:
    assert [field.name for field in model._meta.fields if isinstance(field, TELLS_TIME)] == []
    assert type(model._meta.pk) is models.UUIDField


@pytest.mark.promise("P1", "P2")
def test_nothing_points_to_a_participant() -> None:
    participant = apps.get_model("accounts", "Participant")
    assert [relation.name for relation in participant._meta.related_objects] == []
    assert {field.name for field in participant._meta.fields} == {"id", "lookup", "wrapped", "epoch"}
