"""Addresses of the first move."""

from django.urls import path

from dialogue.acknowledgments import views

app_name = "acknowledgments"
urlpatterns = [
    path("listener/seats/<uuid:pk>/acknowledgment/", views.write, name="write"),
    path("listener/seats/<uuid:pk>/acknowledgment/hand-in/", views.hand_in, name="hand_in"),
    path("desk/acknowledgments/", views.to_check, name="to_check"),
    path("desk/acknowledgments/<uuid:pk>/", views.check, name="check"),
    path("sessions/<uuid:pk>/acknowledgments/", views.read, name="read"),
]
