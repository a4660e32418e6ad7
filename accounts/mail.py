"""Plain mails to named people about their own account. Never called inside a transaction."""

from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise


def send(template: str, *, to: str, language: str, subject: str | Promise, **context: Any) -> bool:
    """Send `mail/accounts/<template>.txt` in this language; False when the mail server did not take it."""
    context |= {"site_url": settings.SITE_URL, "contact": settings.SITE_CONTACT, "operator": settings.SITE_OPERATOR}
    with translation.override(language):
        title, body = str(subject), render_to_string(f"mail/accounts/{template}.txt", context)
    try:
        send_mail(title, body, settings.DEFAULT_FROM_EMAIL, [to])
    except (SMTPException, OSError):
        return False
    return True
