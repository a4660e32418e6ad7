"""The page's promises, the tests that prove them and the threat model say the same."""

import ast

import pytest
from django.template import Context, Template
from django.test import Client

from dialogue.welcome.promises import PROMISES
from tests.promises import MODEL, marks_in, proofs, renewed


def test_every_promise_has_tests_and_every_mark_names_a_promise() -> None:
    assert sorted(proofs()) == sorted(promise.key for promise in PROMISES)


def test_promises_are_numbered_in_order() -> None:
    assert [promise.key for promise in PROMISES] == [f"P{number}" for number in range(1, len(PROMISES) + 1)]


def test_the_threat_model_has_todays_table() -> None:
    """If this fails: python -m tests.promises."""
    assert MODEL.read_text() == renewed(MODEL.read_text())


def test_a_threat_model_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the table"):
        renewed("# Threat model")


@pytest.mark.django_db
def test_the_page_says_each_promise_as_it_stands_in_the_list(client: Client) -> None:
    page = client.get("/our-promises/").content.decode()
    missing = [
        promise.key
        for promise in PROMISES
        if f'<li id="{promise.key}"><b>{promise.statement}</b> {promise.note}</li>' not in page
    ]
    assert missing == []


def test_other_pages_quote_a_promise_word_for_word() -> None:
    quoted = Template('{% load promises %}{% promise "P4" %}').render(Context())
    assert quoted == next(str(promise.statement) for promise in PROMISES if promise.key == "P4")
    with pytest.raises(KeyError):
        Template('{% load promises %}{% promise "P99" %}').render(Context())


def test_the_reader_of_marks_sees_all_ways_to_mark() -> None:
    """If it were blind, the tests above could not fail."""
    code = """
pytestmark = [pytest.mark.django_db, pytest.mark.promise("P1")]
@pytest.mark.promise("P2", "P3")
def test_one(): ...
@pytest.mark.promise("P4")
class TestTwo:
    def helper(self): ...
    def test_two(self): ...
def helper(): ...
"""
    assert sorted(marks_in(ast.parse(code).body, [])) == [
        ("P1", "test_one"),
        ("P1", "test_two"),
        ("P2", "test_one"),
        ("P3", "test_one"),
        ("P4", "test_two"),
    ]
