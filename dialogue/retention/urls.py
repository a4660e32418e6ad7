"""Addresses of what goes when."""

from django.urls import path

from dialogue.retention import views, views_health

app_name = "retention"
urlpatterns = [
    path("sessions/<uuid:pk>/what-goes-when/", views.session, name="session"),
    path("operator/deletion/", views.holds, name="holds"),
    path("operator/upkeep/", views_health.health, name="health"),
    path("operator/settings/", views_health.site_settings, name="site_settings"),
    path("health/", views_health.monitor, name="monitor"),
    path("operator/sessions/<uuid:pk>/hold/", views.place, name="place_hold"),
    path("operator/sessions/<uuid:pk>/lift-hold/", views.lift, name="lift_hold"),
]
