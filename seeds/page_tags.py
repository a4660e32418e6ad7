"""Template tags of the page skeleton. Loaded with `{% load page %}`."""

from typing import Any

from django.conf import settings
from django.template import Context, Library
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from seeds.languages import active, this_page

register = Library()


@register.simple_tag(takes_context=True)
def text_of_block(context: Context, name: str) -> SafeString:
    """The words of a block without its tags, so that a page's title can repeat its heading."""
    node = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    words = " ".join(strip_tags(node.nodelist.render(context)).split())
    return mark_safe(words)  # the block itself has escaped what it shows


@register.simple_tag(takes_context=True)
def other_languages(context: Context) -> list[dict[str, Any]]:
    """Of each language but the page's own: its code, its own name, and the address of this page in it."""
    request = context.get("request")
    if request is None:  # a page that is shown while something behind the site is down
        return []
    others = [(code, name) for code, name in settings.LANGUAGES if code != active()]
    return [{"code": code, "name": name, "url": this_page(request, code)} for code, name in others]
