"""The measures of how easy a text is measure what they should."""

import pytest

from tests.reading import ease, grade, syllables_in_spanish, text_of

#: Counted by hand, after the rules of the Ortografía.
COUNTED = {
    "sol": 1, "y": 1, "ley": 1, "muy": 1, "pie": 1, "buey": 1, "quien": 1, "guerra": 2, "agua": 2, "día": 2,
    "oír": 2, "país": 2, "ciudad": 2, "cuida": 2, "búho": 2, "hoy": 1, "leer": 2, "poeta": 3, "ahora": 3,
    "también": 2, "policía": 4, "palabras": 3, "pregunta": 3, "pingüino": 3, "prohibido": 3, "reunión": 2,
    "conversación": 4, "vehículo": 4, "reconocimiento": 6, "compromiso": 4, "construir": 2, "yo": 1,
}  # fmt: skip


@pytest.mark.parametrize(("word", "count"), COUNTED.items())
def test_syllables_of_spanish_words(word: str, count: int) -> None:
    assert syllables_in_spanish(word) == syllables_in_spanish(word.upper()) == count


def test_an_easy_text_is_easier_than_a_hard_one() -> None:
    easy = "Usted puede leer esta página. Nadie sabe quién es usted. Puede irse cuando quiera."
    hard = "La administración garantizará oportunamente la confidencialidad de las comunicaciones institucionales."
    assert min(ease(easy)) > 70 > 40 > max(ease(hard))


def test_the_scales_are_those_of_their_authors() -> None:
    """One sentence of four words and eight syllables."""
    assert ease("Una casa muy bonita.") == pytest.approx((206.84 - 60 * 2 - 1.02 * 4, 206.835 - 62.3 * 2 - 4))
    assert grade("We read it now.") == pytest.approx(0.39 * 4 + 11.8 - 15.59)


def test_headings_do_not_count() -> None:
    assert ease(text_of("<main><h1>Otorrinolaringología</h1><p>Una casa muy bonita.</p></main>")) == ease(
        "Una casa muy bonita."
    )
