"""`{% load promises %}{% promise "P4" %}`: the promise's own words, so that no page says it in others."""

from typing import TYPE_CHECKING

from django.template import Library

from dialogue.welcome.promises import BY_KEY

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

register = Library()


@register.simple_tag
def promise(key: str) -> "StrOrPromise":
    """What participants read. Raises KeyError for a key that is no promise."""
    return BY_KEY[key].statement
