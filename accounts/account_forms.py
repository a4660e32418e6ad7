"""allauth's forms in this site's words: labels above the fields, nothing in them."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

Words = dict[str, Any]  # field -> text, translated late


class Plain(forms.Form):
    """Takes the placeholders out and puts our labels and help in."""

    LABELS: ClassVar[Words] = {}
    HELP: ClassVar[Words] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in self.LABELS:
                field.label = self.LABELS[name]
            if name in self.HELP:
                field.help_text = self.HELP[name]


class LoginForm(Plain, account.LoginForm):
    LABELS: ClassVar[Words] = {"login": _("E-mail address")}


class SignupForm(Plain, account.SignupForm):
    LABELS: ClassVar[Words] = {"email": _("Your e-mail address at the agency"), "password2": _("The password again")}
    HELP: ClassVar[Words] = {"email": _("We send a link to it. It must be an address of your agency.")}


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    LABELS: ClassVar[Words] = {"email": _("E-mail address of your account")}


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):
    LABELS: ClassVar[Words] = {"password1": _("New password"), "password2": _("The new password again")}


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    LABELS: ClassVar[Words] = {
        "oldpassword": _("Your password now"),
        "password1": _("New password"),
        "password2": _("The new password again"),
    }


class ReauthenticateForm(Plain, account.ReauthenticateForm):
    pass


class CodeField(Plain):
    """The code of an authenticator app, or one of the recovery codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs |= {"class": "code", "inputmode": "numeric"}


class ActivateTOTPForm(CodeField, totp.ActivateTOTPForm):
    LABELS: ClassVar[Words] = {"code": _("The six digits that your app shows now")}


class AuthenticateForm(CodeField, mfa.AuthenticateForm):
    LABELS: ClassVar[Words] = {"code": _("Code")}
    HELP: ClassVar[Words] = {"code": _("The six digits that your app shows, or one of your recovery codes.")}


class ReauthenticateCodeForm(CodeField, mfa.ReauthenticateForm):
    LABELS: ClassVar[Words] = AuthenticateForm.LABELS
    HELP: ClassVar[Words] = AuthenticateForm.HELP


class AddPasskeyForm(Plain, webauthn.AddWebAuthnForm):
    LABELS: ClassVar[Words] = {"name": _("Name")}


class ChangePasskeyForm(Plain, webauthn.EditWebAuthnForm):
    LABELS: ClassVar[Words] = AddPasskeyForm.LABELS
