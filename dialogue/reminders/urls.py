"""Addresses of reminders."""

from django.urls import path

from dialogue.reminders import views

app_name = "reminders"
urlpatterns = [
    path("operator/mail/", views.site, name="site"),
    path("desk/sessions/<uuid:pk>/reminders/", views.rules, name="rules"),
    path("desk/sessions/<uuid:pk>/reminders/set-up/", views.set_up, name="set_up"),
    path("desk/sessions/<uuid:pk>/reminders/retry/", views.retry, name="retry"),
    path("desk/reminders/<uuid:pk>/switch/", views.switch, name="switch"),
    path("desk/reminders/<uuid:pk>/remove/", views.remove, name="remove"),
]
