"""What cannot be right gets its sentence beside the field, and everything typed is still there."""

from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Open
from tests.journeys.test_a_patient_crosses_the_network import refers_to_walton, type_the_facts


def test_a_form_with_faults_keeps_everything_that_was_typed(opens: Open) -> None:
    page = opens("ada", "/refer/", size=PHONE)
    type_the_facts(page)
    long_note = "Family on the way. " * 2200
    page.locator("[name=nhs_number]").fill("999 000 0019")
    page.locator("[name=nihss]").fill("43")
    page.locator("#f-onset_at").fill("2031-01-01T00:00")
    page.locator("[name=note]").fill(long_note)
    refers_to_walton(page)
    expect(page.locator("#fault-nhs_number")).to_contain_text("not a valid NHS number")
    expect(page.locator("#fault-nihss")).to_contain_text("whole number from 0 to 42")
    expect(page.locator("#fault-onset_at")).to_contain_text("lies in the future")
    expect(page.locator("#fault-note")).to_contain_text("too long")
    expect(page.locator("[name=family_name]")).to_have_value("Canary-Whitlock")
    expect(page.locator("[name=nihss]")).to_have_value("43")
    expect(page.locator("[name=sex][value=female]")).to_be_checked()
    kept = page.locator("[name=note]").input_value()
    assert kept.strip() == long_note.strip()
