"""The site's addresses: who somebody is, and what happens between them."""

from django.contrib import admin
from django.urls import include, path

handler500 = "seeds.faults.server_error"

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("dialogue.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
