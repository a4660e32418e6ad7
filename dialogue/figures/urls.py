"""Addresses of the figures."""

from django.urls import path

from dialogue.figures import views

app_name = "figures"
urlpatterns = [
    path("desk/figures/", views.of_all, name="of_all"),
    path("desk/sessions/<uuid:pk>/figures/", views.of_session, name="of_session"),
]
