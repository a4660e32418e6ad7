"""PDFs as a printer would print them, and the squares on them as a phone would read them."""

from collections.abc import Iterator

import zxingcpp
from pypdfium2 import PdfDocument

DOTS = 2.0  # a point of the paper; twice what a screen has


def squares_of(file: bytes) -> Iterator[list[str]]:
    """What each page's QR codes hold."""
    with PdfDocument(file) as document:
        for page in document:
            picture = page.render(scale=DOTS, grayscale=True)
            dots = memoryview(picture.buffer).cast("B").cast("B", shape=[picture.height, picture.stride])
            yield [read.text for read in zxingcpp.read_barcodes(dots)]
