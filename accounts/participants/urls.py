"""Addresses of participants' accounts."""

from django.urls import path

from accounts.participants import views_account, views_card, views_sign_in

urlpatterns = [
    path("exit/", views_sign_in.leave_site, name="exit"),
    path("start/", views_sign_in.start, name="start"),
    path("sign-in/", views_sign_in.sign_in, name="sign_in"),
    path("sign-out/", views_sign_in.sign_out, name="sign_out"),
    path("card/", views_card.card, name="card"),
    path("card/before/<int:step>/", views_card.before, name="before"),
    path("card/words/", views_card.words, name="words"),
    path("card/words/check/", views_card.words_check, name="words_check"),
    path("card/leave/", views_card.leave, name="leave"),
    path("my/account/", views_account.account, name="participant_account"),
    path("my/account/delete/", views_account.delete, name="delete_account"),
]
