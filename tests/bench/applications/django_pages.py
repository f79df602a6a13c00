"""Pages with forms and models served to django's test client."""
# install: python3-django
# import: django.http django.forms django.db django.template
# args: 80
import sys

from django.conf import settings

settings.configure(
    SECRET_KEY="x", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3",
                           "NAME": ":memory:"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")

import django  # noqa: E402  (configured above)

django.setup()

from django import forms  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402


class Entry(models.Model):
    title = models.CharField(max_length=40)
    score = models.IntegerField(default=0)

    class Meta:
        app_label = "bench"


class EntryForm(forms.Form):
    title = forms.CharField(max_length=12)
    score = forms.IntegerField(min_value=0, max_value=50)


PAGE = engines["django"].from_string(
    "{% for e in entries %}<p>{{ forloop.counter }} {{ e.title|title }} "
    "{{ e.score|add:1 }}{% if e.score > 20 %} high{% endif %}</p>\n"
    "{% empty %}none{% endfor %}{{ form.as_p }}")


def show(request):
    return HttpResponse(PAGE.render({"entries": Entry.objects.order_by(
        "-score", "title")[:30], "form": EntryForm()}))


def add(request):
    form = EntryForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_json(), status=400)
    Entry.objects.create(**form.cleaned_data)
    return HttpResponse("ok")


urlpatterns = [path("", show), path("add/", add)]
with connection.schema_editor() as editor:
    editor.create_model(Entry)
client = Client()
length = bad = 0
for k in range(int(sys.argv[1])):
    answer = client.post("/add/", {"title": "entry " + str(k) * (k % 5),
                                   "score": k % 60})
    bad += answer.status_code == 400
    length += len(client.get("/").content)
print(length, bad, Entry.objects.count())
