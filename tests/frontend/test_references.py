"""References on the web: a link only into a listed viewer, and the rest as text; never in an address or a log."""

import logging
import re
from typing import Any

import pytest

from network import viewers
from referrals.models import Message, Referral
from tests.frontend.browser import Door, see, text
from tests.world import World

ADDRESS = "https://pacs.example.nhs.uk/view?accession=RBL-4711&x=1"
LINK = re.compile(r'<a [^>]*href="(https://[^"]*)"[^>]*>')


def gives(client: Any, referral: Referral, kind: str = "imaging_study", **said: Any) -> Any:
    return client.post(f"/r/{referral.code}/references/", {"kind": kind, "key": f"k{said}"[:80], **said})


def lists(world: World, host: str = "pacs.example.nhs.uk", *, code: str = "RBL14") -> None:
    network = world.sites[code].network
    viewers.put(network, host=host, name="Wirral PACS", by=world.people["nia"], at=world.now)


def test_a_listed_viewer_is_a_link_that_tells_it_nothing(world: World, door: Door) -> None:
    referral = world.refers()
    lists(world)
    answer = gives(door("ada"), referral, accession_number="RBL-4711", address=ADDRESS)
    assert (answer.status_code, answer["Location"]) == (303, f"/r/{referral.code}/?full=1#talk")
    for path in ("?full=1", "live/", "answer/", "messages/"):
        page = text(door("ben").get(f"/r/{referral.code}/{path}"))
        found = [link[0] for link in LINK.finditer(page) if "pacs.example" in link[0]]
        assert found, path
        for link in found:
            assert 'href="https://pacs.example.nhs.uk/view?accession=RBL-4711&amp;x=1"' in link
            assert 'rel="noopener noreferrer"' in link
            assert 'referrerpolicy="no-referrer"' in link
        assert "Open in Wirral PACS" in page
        assert "RBL-4711" in page
    printed = text(door("ben").get(f"/r/{referral.code}/messages/print/"))
    assert "Accession number RBL-4711" in printed
    assert "accession=RBL-4711&amp;x=1" in printed
    assert not LINK.search(printed)


def test_of_any_other_host_or_network_it_is_text_to_copy(world: World, door: Door) -> None:
    referral = world.refers()
    lists(world, code="RM301")
    lists(world, "pacs.example.nhs.uk:8443")
    gives(door("ada"), referral, address=ADDRESS)
    for path in ("?full=1", "messages/"):
        page = text(door("ben").get(f"/r/{referral.code}/{path}"))
        assert not LINK.search(page), path
        assert "so to copy" in page
        assert "https://pacs.example.nhs.uk/view?accession=RBL-4711&amp;x=1" in page


def test_an_ai_result_stands_on_the_case_with_its_doubt(world: World, door: Door) -> None:
    referral = world.refers()
    said = {"device": "RAPID", "conclusion": "LVO suspected, <b>M1</b>", "issued_at": "2026-11-21T03:05"}
    assert gives(door("ada"), referral, "ai_result", **said).status_code == 303
    page = text(see(door("ben"), referral))
    assert "AI result, RAPID" in page
    assert "LVO suspected, &lt;b&gt;M1" in page
    assert page.count("Not a diagnosis: the report of a radiologist decides.") == 2, "above, and in its line"


def test_what_was_corrected_leads_nowhere_and_only_its_author_corrects(world: World, door: Door) -> None:
    referral = world.refers()
    lists(world)
    gives(door("ada"), referral, address=ADDRESS)
    form = f"/r/{referral.code}/references/?corrects=1"
    assert "RBL-4711&amp;x=1" in text(door("ada").get(form)), "it begins with what was given"
    assert door("ben").get(form).status_code == 404
    right = "https://pacs.example.nhs.uk/view?accession=RBL-9"
    assert gives(door("ada"), referral, address=right, corrects="1").status_code == 303
    assert gives(door("ben"), referral, address=right, corrects="1").status_code == 404
    page = text(see(door("ben"), referral))
    assert set(LINK.findall(page)) == {right}
    assert "Corrected at" in page
    assert (
        'It led to:</span> <span class="copied">https://pacs.example.nhs.uk/view?accession=RBL-4711' in page
    )


def test_what_is_refused_comes_back_as_it_was_typed(world: World, door: Door) -> None:
    referral = world.refers()
    answer = gives(door("ada"), referral, accession_number="A1", study_instance_uid="1.2.x")
    assert answer.status_code == 422
    page = text(answer)
    assert "This is no DICOM UID" in page
    assert 'value="A1"' in page
    assert 'value="1.2.x"' in page
    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert len(set(keys)) == 2, "a study and an AI's result can be given from one page"
    assert not Message.objects.exists()


@pytest.mark.parametrize("username", ["zed", "mo", "una", "wyn"])
def test_for_a_stranger_there_is_no_such_page(world: World, door: Door, username: str) -> None:
    referral = world.refers()
    stranger = door(username)
    assert stranger.get(f"/r/{referral.code}/references/").status_code == 404
    assert gives(stranger, referral, accession_number="1").status_code == 404
    assert not Message.objects.exists()


def test_no_log_line_and_no_address_of_ours_has_a_word_of_it(
    world: World, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    referral = world.refers()
    with caplog.at_level(logging.DEBUG):
        answers = [gives(door("ada"), referral, accession_number="RBL-4711", address=ADDRESS)]
        answers.append(gives(door("ada"), referral, accession_number="RBL-4711", address="http://x"))
        answers.append(gives(door("ada"), referral, study_instance_uid="RBL-4711"))
        answers.append(gives(door("zed"), referral, accession_number="RBL-4711"))
    assert [answer.status_code for answer in answers] == [303, 422, 422, 404]
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("django.db")]
    assert not [line for line in [*ours, answers[0]["Location"]] if "4711" in line]


def test_a_coordinator_lists_a_viewer_and_takes_it_off(world: World, door: Door) -> None:
    page = f"/viewers/{world.sites['RBL14'].network.code}/"
    referral, nia = world.refers(), door("nia")
    gives(door("ada"), referral, address=ADDRESS)
    assert page in text(nia.get("/hours/"))
    wrong = nia.post(page, {"host": "https://pacs.example.nhs.uk/", "name": "PACS"})
    assert wrong.status_code == 422
    assert "Write the host alone" in text(wrong)
    assert nia.post(page, {"host": "pacs.example.nhs.uk", "name": "PACS"}).status_code == 303
    assert "Open in PACS" in text(see(door("ada"), referral))
    number = re.search(r'name="off" value="(\d+)"', text(nia.get(page)))
    assert number
    assert nia.post(page, {"off": number[1]}).status_code == 303
    assert nia.post(page, {"off": number[1]}).status_code == 422
    assert "Open in PACS" not in text(see(door("ada"), referral)), "in old messages neither"


@pytest.mark.parametrize("username", ["ada", "ben", "zed", "yan"])
def test_nobody_else_sees_or_changes_the_list(world: World, door: Door, username: str) -> None:
    page = f"/viewers/{world.sites['RBL14'].network.code}/"
    assert door(username).get(page).status_code == 404
    assert door(username).post(page, {"host": "pacs.example.nhs.uk", "name": "PACS"}).status_code == 404
    assert viewers.listed(world.sites["RBL14"].network) == []
