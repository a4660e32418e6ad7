"""Addresses of promises."""

from django.urls import path

from dialogue.commitments import views, views_session
from dialogue.commitments import views_public as public
from dialogue.commitments import views_team as team

app_name = "commitments"
urlpatterns = [
    path("commitments/", public.register, name="register"),
    path("commitments/feed/", public.feed, name="feed"),
    path("commitments/<uuid:pk>/", public.promise, name="promise"),
    path("commitments/<uuid:pk>/seen/", public.seen, name="seen"),
    path("my/promises/", public.to_check, name="to_check"),
    path("listener/promises/", views.mine, name="mine"),
    path("listener/promises/<uuid:pk>/", views.own, name="own"),
    path("listener/promises/<uuid:pk>/edit/", views.revise, name="revise"),
    path("listener/promises/<uuid:pk>/adopt/", views.adopt, name="adopt"),
    path("listener/promises/<uuid:pk>/decline/", views.decline, name="decline"),
    path("listener/promises/<uuid:pk>/news/", views.news, name="news"),
    path("listener/promises/<uuid:pk>/change/", views.change, name="change"),
    path("room/<uuid:pk>/promises/", views_session.in_session, name="in_session"),
    path("room/<uuid:pk>/promises/propose/", views.propose, name="propose"),
    path("desk/promises/", team.to_read, name="to_read"),
    path("desk/promises/<uuid:pk>/", team.read, name="read"),
    path("desk/promises/<uuid:pk>/broken/", team.call_broken, name="call_broken"),
    path("desk/promises/news/<uuid:pk>/", team.read_news, name="read_news"),
    path("desk/sessions/<uuid:pk>/promises/new/", team.enter, name="enter"),
]
