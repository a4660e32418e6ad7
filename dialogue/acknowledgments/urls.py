"""Addresses of the first move."""

from django.urls import path

from dialogue.acknowledgments import views, views_answers

app_name = "acknowledgments"
urlpatterns = [
    path("listener/seats/<uuid:pk>/acknowledgment/", views.write, name="write"),
    path("listener/seats/<uuid:pk>/acknowledgment/hand-in/", views.hand_in, name="hand_in"),
    path("listener/seats/<uuid:pk>/acknowledgment/print/", views.printout, name="printout"),
    path("desk/acknowledgments/", views.to_check, name="to_check"),
    path("desk/acknowledgments/<uuid:pk>/", views.check, name="check"),
    path("desk/acknowledgments/<uuid:pk>/count/", views_answers.count, name="count"),
    path("sessions/<uuid:pk>/acknowledgments/", views_answers.read, name="read"),
    path("my/acknowledgments/<uuid:pk>/answer/", views_answers.answer, name="answer"),
]
