"""The page of the bulletin, as it is read, printed and taken along."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.decorators import named, staff_only
from accounts.models import OutreachPartner
from accounts.pickup import lock_of
from dialogue.bulletin.actions import mail_bulletin
from dialogue.bulletin.forms import MailForm, SheetForm
from dialogue.bulletin.paper import on_paper
from dialogue.bulletin.queries import areas, bulletin
from seeds.press import NotNow
from seeds.transitions import NotAllowed


def _area(request: HttpRequest, known: list[str]) -> str:
    """The area in the address, if there is such a one; else all."""
    area = request.GET.get("area", "")
    return area if area in known else ""


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """What a bulletin for one area or for all says; on POST as a PDF of one page."""
    known = areas()
    told = bulletin(_area(request, known))
    form = SheetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            file = on_paper(told, **form.cleaned_data)
        except NotNow:
            form.add_error(None, _("Another file is being made just now. Please try again in a minute."))
        else:
            headers = {"Content-Disposition": 'attachment; filename="bulletin.pdf"'}
            return HttpResponse(file, content_type="application/pdf", headers=headers)
    options = [("", _("All areas")), *((one, one) for one in known)]
    choices = [
        {"text": text, "query": f"?{urlencode({'area': one})}" if one else "", "chosen": one == told.area}
        for one, text in options
    ]
    return render(request, "dialogue/bulletin/sheet.html", {"told": told, "form": form, "choices": choices})


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """Whom to mail it to; then how far that is."""
    area, lock = _area(request, areas()), lock_of(request.session)
    everybody = OutreachPartner.objects.filter(is_active=True)
    form = MailForm(request.POST if request.method == "POST" else None, initial={"partners": everybody})
    if form.is_valid():
        try:
            mail_bulletin(**form.cleaned_data, area=area, lock=lock, by=named(request))
        except NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("jobs:job", form.cleaned_data["pk"])
    return render(request, "dialogue/bulletin/mail.html", {"form": form, "area": area})
