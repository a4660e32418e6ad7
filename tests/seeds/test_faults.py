"""What is given back after a fault, and what never stands in a page."""

from collections.abc import Iterator

import pytest
from django import forms

from seeds.faults import NEVER_CARRIED, is_text, worth_carrying


def all_forms(base: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for form in base.__subclasses__():
        yield form
        yield from all_forms(form)


def test_no_password_of_any_form_is_carried() -> None:
    fields = {
        name
        for form in all_forms()
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.PasswordInput)
    }
    assert {"password", "password_again"} <= fields
    assert {name for name in fields if not NEVER_CARRIED.search(name)} == set()


def test_long_secrets_with_spaces_are_left_out() -> None:
    secret = "several words in a row that nobody would ever guess at all"
    sent = [("password_again", secret), ("carried-passphrase", secret), ("body", "hi")]
    assert worth_carrying(sent) == [("body", "hi")]


@pytest.mark.parametrize("name", ["body", "carried-body", "note", "carried-plan"])
def test_short_words_in_a_writing_field_count(name: str) -> None:
    assert is_text(name, "ok")


def test_nothing_of_somebody_s_means_nothing_is_carried() -> None:
    assert worth_carrying([("round", "7d4fb0a8"), ("version", "1")]) == []
