"""Template tags of the page skeleton. Loaded with `{% load page %}`."""

from django.template import Context, Library
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

register = Library()


@register.simple_tag(takes_context=True)
def text_of_block(context: Context, name: str) -> SafeString:
    """The words of a block without its tags, so that a page's title can repeat its heading."""
    node = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    words = " ".join(strip_tags(node.nodelist.render(context)).split())
    return mark_safe(words)  # the block itself has escaped what it shows
