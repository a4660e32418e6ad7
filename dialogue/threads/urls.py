"""Addresses of the room and of one's own texts."""

from django.urls import path

from dialogue.threads import views, views_quotes, views_turns, views_write

app_name = "threads"
urlpatterns = [
    path("room/<uuid:pk>/", views.room, name="room"),
    path("room/<uuid:pk>/write/", views_write.write, name="write"),
    path("room/<uuid:pk>/pass/", views.pass_this_round, name="pass"),
    path("room/<uuid:pk>/mine/", views.mine, name="mine"),
    path("room/texts/<uuid:pk>/revise/", views_write.revise, name="revise"),
    path("room/texts/<uuid:pk>/retelling/", views.retelling, name="retelling"),
    path("room/texts/<uuid:pk>/quote/", views_quotes.quote, name="quote"),
    path("room/texts/<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("desk/rounds/<uuid:pk>/next-turn/", views_turns.next_turn, name="next_turn"),
]
