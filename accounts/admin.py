"""The operator's records of agencies, agreements, partners and named people. Nothing of participants is here.

Behind the second factor: signing in goes through the same page as everywhere, and NamedPagesOnly hides the rest.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin_forms import OutreachPartnerForm, UserForm
from accounts.models import Agency, AgencyAgreement, OutreachPartner, User, today
from accounts.team.forms_agencies import AgencyForm

admin.site.site_header = admin.site.site_title = "Seeds"
admin.site.site_url = reverse_lazy("welcome:home")  # type: ignore[assignment]  # in the language of the page


@login_not_required
def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """Instead of the admin's own form, which knows no second factor: the page where all named people sign in."""
    if request.user.is_authenticated:
        return redirect("admin:index")
    return redirect_to_login(request.GET.get("next") or resolve_url("admin:index"), resolve_url("account_login"))


admin.site.login = sign_in  # type: ignore[method-assign]
# Secrets, and tables that nobody here needs to touch.
for model in (Authenticator, EmailAddress, Group):
    admin.site.unregister(model)


@admin.register(Agency)
class AgencyAdmin(admin.ModelAdmin):
    form = AgencyForm
    list_display = ("name", "kind", "area")
    search_fields = ("name", "area")


@admin.register(AgencyAgreement)
class AgencyAgreementAdmin(admin.ModelAdmin):
    """To read only: the head of an office signs with an account of his own, and nobody does it for him."""

    list_display = ("agency", "signed_by_name", "signed_on", "expires_on", "withdrawn_on", "withdraw")
    list_select_related = ("agency",)
    ordering = ("agency__name", "-signed_on")

    @admin.display(description=_("Withdraw"))
    def withdraw(self, agreement: AgencyAgreement) -> str:
        """The way to the page that asks once; nothing for one that is over."""
        if agreement.withdrawn_on or agreement.expires_on < today():
            return ""
        return format_html('<a href="{}">{}</a>', reverse("accounts:withdraw_agreement", args=[agreement.pk]), _("Yes"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OutreachPartner)
class OutreachPartnerAdmin(admin.ModelAdmin):
    form = OutreachPartnerForm
    list_display = ("name", "contact_name", "is_active")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Few fields: people come by registering or by invitation, and roles never change."""

    form = UserForm
    fields = ("name", "email", "role", "is_peer", "agency", "time_zone", "language", "is_active", "joined_on")
    # Closing an account has a page of its own: it ends other things too, and is recorded.
    readonly_fields = ("email", "role", "is_peer", "agency", "is_active", "joined_on")
    list_display = ("name", "email", "role", "agency", "is_active")
    list_filter = ("role", "is_active")
    list_select_related = ("agency",)
    search_fields = ("name", "email")
    ordering = ("name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not oneself: the last operator would lock everybody out."""
        return obj is None or obj.pk != request.user.pk

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No deleting by the list: it would take oneself along."""
        return {}
