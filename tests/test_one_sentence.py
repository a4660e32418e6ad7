"""Every page says what its reader can do on it now: a lead, a next step, a notice, or a form with its help."""

import re
from typing import Any

import pytest

from tests import test_urls as by_address
from tests.test_promised_walks import ClientFor, pages_of
from tests.url_table import VIEWERS

people, targets = by_address.people, by_address.targets
SAYS = re.compile(r'class="[^"]*\b(?:lead|next-step|notice|empty|confirm|help|words)\b')


@pytest.mark.django_db
@pytest.mark.parametrize("viewer", VIEWERS)
def test_every_page_says_what_can_be_done(
    viewer: str,
    people: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    client_for: ClientFor,
) -> None:
    pages = {name: answer.content.decode() for name, answer in pages_of(viewer, client_for(people[viewer]), targets)}
    mains = {
        name: html.partition("<main")[2].partition("</main>")[0] for name, html in pages.items() if "<main" in html
    }
    assert len(mains) > 10
    assert [name for name, main in mains.items() if not SAYS.search(main)] == []
