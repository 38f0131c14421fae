"""Changes and agreements can be added and read, and nothing else; whoever is authorised already becomes an operator."""

from django.db import migrations
from django.db.models import F

from network import append_only

BEHIND = {"direct": "diagnostic", "indirect": "first", "independent": "independent"}


def take_over(apps, schema_editor):
    """What stands in the records, as each operator's first change; nobody is its author."""
    authorisations = apps.get_model("workforce", "Authorisation").objects.select_related("supervisor")
    Operator = apps.get_model("workforce", "Operator")
    Change = apps.get_model("workforce", "Change")
    for held in authorisations.order_by("person", "hub", F("until").desc(nulls_first=True), "-since").distinct("person", "hub"):
        operator = Operator.objects.create(
            person=held.person,
            hub=held.hub,
            specialty=held.specialty,
            rung=BEHIND[held.phase],
            supervisor=held.supervisor,
        )
        supervisor = held.supervisor.name if held.supervisor else ""
        details = {"phase": held.phase, "supervisor": supervisor}
        Change.objects.create(
            operator=operator, number=1, kind="authorised", at=held.since, written_at=held.since, details=details
        )


class Migration(migrations.Migration):
    dependencies = [("workforce", "0004_operators")]
    operations = [
        migrations.RunPython(take_over, migrations.RunPython.noop),
        append_only.keep_too("workforce_change", "workforce_agreement", name="workforce_is_append_only"),
    ]
