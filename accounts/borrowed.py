"""Words of libraries that our pages show, and that our catalog says anew in our own way: it goes before theirs.

Listed so that they stay in the catalog, and are seen when a library changes its English. All else of Django's and
allauth's that our pages show has fitting Spanish of its own.
"""

from django.utils.translation import gettext_noop as _

OF_ALLAUTH = (
    _("A user is already registered with this email address."),
    _("Be patient, you are sending too many requests."),
    _("Incorrect code."),
    _("Key nr. {number}"),
    _("Master key"),
    _("The new value must be different from the current one."),
    _("The password reset token was invalid."),
    _("This account is currently inactive."),
    _("This email address is already associated with this account."),
    _("Too many failed login attempts. Try again later."),
    _("Use a security key"),
    _("Use authenticator app or code"),
    _("Use your password"),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot remove your primary email address."),
    _("You must type the same password each time."),
    _("Your primary email address must be verified."),
)
OF_DJANGO = (
    _("Enter a valid date."),
    _("Enter a valid email address."),
    _("Enter a whole number."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    _("Select a valid choice. That choice is not one of the available choices."),
    _("This field is required."),
)
