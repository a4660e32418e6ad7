"""Addresses of what was heard: the listener's, the storyteller's, and those of the team."""

from django.urls import path

from dialogue.reflections import views, views_team

app_name = "reflections"
urlpatterns = [
    path("room/<uuid:pk>/stories/", views.choose, name="choose"),
    path("room/stories/<uuid:pk>/tell-back/", views.write, name="write"),
    path("room/reflections/<uuid:pk>/answer/", views.answer, name="answer"),
    path("desk/sessions/<uuid:pk>/reflections/", views_team.team, name="team"),
    path("desk/rounds/<uuid:pk>/answers/", views_team.let_out, name="let_out"),
    path("desk/seats/<uuid:pk>/free/", views_team.free, name="free"),
]
