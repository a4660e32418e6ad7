from django import forms


class ListenerSignupForm(forms.Form):
    def signup(self, request, user):
        pass
