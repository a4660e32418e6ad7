"""The site's addresses: who somebody is, and what happens between them."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from seeds.live import PREFIX

handler500 = "seeds.faults.server_error"

urlpatterns = [
    path(PREFIX.lstrip("/"), include("dialogue.live.urls")),
    *i18n_patterns(
        path("", include("accounts.urls")),
        path("", include("dialogue.urls")),
        path("account/", include("allauth.urls")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]
