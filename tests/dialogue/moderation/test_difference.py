"""What changed, word by word."""

import time

import pytest

from dialogue.moderation.difference import Piece, difference


def told(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in difference(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("I saw it.", "I saw it.", [("same", "I saw it.")]),
        ("At 12 Elm Street.", "At home.", [("same", "At "), ("out", "12 Elm Street "), ("in", "home"), ("same", ".")]),
        ("I saw him.", "I saw.", [("same", "I saw"), ("out", " him"), ("same", ".")]),
        ("A\n\nB", "A\n\nnew\n\nB", [("same", "A\n\n"), ("in", "new\n\n"), ("same", "B")]),
        ("one  two", "one two", [("same", "one two")]),
        ("", "all new", [("in", "all new")]),
        ("كنت هناك", "كنت هنا", [("same", "كنت "), ("out", "هناك "), ("in", "هنا")]),
    ],
)
def test_pieces(old: str, new: str, pieces: list[tuple[str, str]]) -> None:
    assert told(old, new) == pieces


def test_what_is_not_taken_out_is_the_new_text() -> None:
    old, new = (
        "We stood, two of us, at Fourth and Alder.\n\nThen he came.",
        "We stood at a corner.\n\nThen someone came!",
    )
    assert "".join(piece.text for piece in difference(old, new) if piece.kind != "out") == new


def test_the_longest_texts_are_cheap_whatever_they_are_made_of() -> None:
    """The words are an author's: nobody shall hold up a facilitator's page with them."""
    old, new = "a " * 1_500, "b a " * 750
    began = time.process_time()
    assert {piece.kind for piece in difference(old, new)} <= {"same", "in", "out"}
    assert time.process_time() - began < 1


def test_a_piece_is_comparable() -> None:
    assert Piece("same", "A") == Piece("same", "A")
