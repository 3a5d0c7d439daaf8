"""From draft to decided: what changes, what is refused, what can be undone."""

import pytest

from coopetir.foundation.models import Event, Job
from coopetir.foundation.permissions import NotAllowed
from coopetir.identify.core.method import shipped_text
from coopetir.identify.models import Screening
from coopetir.identify.operations import decisions, screenings, sharing
from factories import (
    FAMILIES,
    NOW,
    a_dataset,
    a_director,
    a_manager,
    a_screening,
    a_verdict,
    an_analyst,
    an_entity,
)

pytestmark = pytest.mark.django_db


def test_another_entitys_tables_never_enter():
    entity, other = an_entity(), an_entity()
    actor = an_analyst(entity)
    foreign = a_dataset(other, an_analyst(other))
    screening = a_screening(entity, actor, datasets=[a_dataset(entity, actor), foreign])
    assert foreign not in screening.datasets.all()
    assert screening.datasets.count() == 1


@pytest.mark.parametrize(
    ("families", "code"),
    [
        ([{"family": "", "industries": ["1071"]}], "screening.family_invalid"),
        ([{"family": "a", "industries": []}], "screening.family_invalid"),
        ([{"family": "a", "industries": ["9999"]}], "screening.family_invalid"),
        (
            [{"family": "a", "industries": ["1071"]}, {"family": "a", "industries": ["1072"]}],
            "screening.family_invalid",
        ),
    ],
)
def test_families_that_will_not_do_are_refused(families, code):
    with pytest.raises(screenings.FamilyInvalid) as refused:
        a_screening(families=families)
    assert refused.value.code == code


def test_edits_of_families_can_be_undone_one_by_one():
    screening = a_screening()
    actor = screening.created_by
    for size in (1, 2):
        smaller = [{**FAMILIES[0], "industries": ["1071", "1072", "2011"][:size]}]
        screenings.edit_families(screening=screening, families=smaller, what=f"{size}", actor=actor, now=NOW)
    screenings.undo_families(screening=screening, actor=actor, now=NOW)
    assert screening.families == [{**FAMILIES[0], "industries": ["1071"]}]
    screenings.undo_families(screening=screening, actor=actor, now=NOW)
    assert screening.families == FAMILIES
    with pytest.raises(screenings.NothingToUndo):
        screenings.undo_families(screening=screening, actor=actor, now=NOW)


def test_an_edit_after_the_result_asks_for_a_new_computation():
    screening = a_screening()
    verdict = a_verdict(screening)
    screening.refresh_from_db()
    actor = screening.created_by
    screenings.edit_families(screening=screening, families=FAMILIES[:1], what="x", actor=actor, now=NOW)
    verdict.refresh_from_db()
    with pytest.raises(decisions.NotComputed):
        decisions.propose_decision(verdict=verdict, choice="watch", reason="y", actor=actor, now=NOW)


def test_a_refused_method_changes_nothing():
    screening = a_screening()
    with pytest.raises(Exception, match="lq_meet"):
        screenings.change_method(
            screening=screening, method_toml="[density]\nlq_meet = 2\n", actor=screening.created_by, now=NOW
        )
    screening.refresh_from_db()
    assert screening.method_toml == shipped_text()


def test_a_moved_threshold_asks_for_a_new_computation():
    from coopetir.identify.core.method_text import changed_text

    screening = a_screening()
    a_verdict(screening)
    screening.refresh_from_db()
    text = changed_text(screening.method_toml, {"density.lq_meets": 2.0})
    screenings.change_method(screening=screening, method_toml=text, actor=screening.created_by, now=NOW)
    screening.refresh_from_db()
    assert screening.state == Screening.State.DRAFT
    event = Event.objects.get(action="identify.screening.method_changed")
    assert event.before["digest"] != event.after["digest"]


def test_a_request_starts_one_job(monkeypatch):
    from coopetir.foundation import jobs

    monkeypatch.setitem(jobs.ON_EVENT, "identify.screening.requested", lambda job, progress: {})
    screening = a_screening()
    screenings.request_computation(screening=screening, actor=screening.created_by, now=NOW)
    assert Job.objects.get().subject_id == screening.pk


def test_nobody_approves_their_own():
    entity = an_entity()
    director, analyst = a_director(entity), an_analyst(entity)
    screening = a_screening(entity, analyst)
    verdict = a_verdict(screening)
    own = decisions.propose_decision(verdict=verdict, choice="qualifies", reason="z", actor=director, now=NOW)
    with pytest.raises(decisions.OwnProposal):
        decisions.decide(decision=own, choice="qualifies", reason="z", actor=director, now=NOW)
    other = decisions.propose_decision(verdict=verdict, choice="watch", reason="w", actor=analyst, now=NOW)
    with pytest.raises(NotAllowed):
        decisions.decide(decision=other, choice="watch", reason="w", actor=an_analyst(entity), now=NOW)
    decisions.decide(decision=other, choice="not", reason="poca evidencia", actor=director, now=NOW)
    screening.refresh_from_db()
    assert screening.state == Screening.State.DECIDED
    assert Event.objects.filter(action="identify.decision.decided", reason="poca evidencia").count() == 1
    with pytest.raises(decisions.AlreadyDecided):
        decisions.decide(decision=other, choice="not", reason="x", actor=a_director(entity), now=NOW)


def test_a_decision_needs_its_reason():
    screening = a_screening()
    verdict = a_verdict(screening)
    with pytest.raises(decisions.ReasonMissing):
        decisions.propose_decision(
            verdict=verdict, choice="watch", reason="  ", actor=screening.created_by, now=NOW
        )


def test_a_director_of_another_entity_decides_nothing():
    screening = a_screening()
    verdict = a_verdict(screening)
    decision = decisions.propose_decision(
        verdict=verdict, choice="watch", reason="x", actor=screening.created_by, now=NOW
    )
    with pytest.raises(NotAllowed):
        decisions.decide(decision=decision, choice="watch", reason="x", actor=a_director(), now=NOW)


def test_only_a_decided_screening_is_published():
    entity = an_entity()
    director = a_director(entity)
    screening = a_screening(entity)
    with pytest.raises(screenings.NothingToScreen):
        screenings.publish_screening(screening=screening, actor=director, now=NOW)
    with pytest.raises(NotAllowed):
        screenings.publish_screening(screening=screening, actor=a_manager(entity), now=NOW)


def test_links_expire_and_can_be_withdrawn():
    from datetime import timedelta

    screening = a_screening()
    verdict = a_verdict(screening)
    actor = screening.created_by
    link = sharing.share_verdict(verdict=verdict, token="t", days=7, actor=actor, now=NOW)
    assert sharing.open_link("t", now=NOW) == link
    with pytest.raises(sharing.LinkExpired):
        sharing.open_link("t", now=NOW + timedelta(days=8))
    sharing.revoke_link(link=link, actor=actor, now=NOW)
    with pytest.raises(sharing.LinkExpired):
        sharing.open_link("t", now=NOW)
    with pytest.raises(sharing.LinkTooLong):
        sharing.share_verdict(verdict=verdict, token="u", days=400, actor=actor, now=NOW)


@pytest.mark.parametrize(
    "address", ["https://evil.test/", "//evil.test", "javascript:alert(1)", "/\\evil.test"]
)
def test_a_saved_view_stays_here(address):
    user = an_analyst()
    with pytest.raises(sharing.AddressInvalid):
        sharing.save_view(name="x", address=address, entity=None, actor=user, now=NOW)


def a_running_job(screening):
    return Job.objects.create(
        kind=screenings.REQUESTED, subject_id=screening.pk, label="x", state=Job.State.RUNNING
    )


def test_nothing_is_decided_while_a_result_is_worked_out():
    entity = an_entity()
    screening = a_screening(entity)
    verdict = a_verdict(screening)
    actor = screening.created_by
    job = a_running_job(screening)
    for act in (
        lambda: screenings.request_computation(screening=screening, actor=actor, now=NOW),
        lambda: decisions.propose_decision(verdict=verdict, choice="watch", reason="x", actor=actor, now=NOW),
    ):
        with pytest.raises(screenings.Computing):
            act()
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    decisions.propose_decision(verdict=verdict, choice="watch", reason="x", actor=actor, now=NOW)


def test_a_late_result_never_replaces_what_people_decided():
    screening = a_screening()
    verdict = a_verdict(screening)
    asked = screening.asked()
    decisions.propose_decision(
        verdict=verdict, choice="watch", reason="x", actor=screening.created_by, now=NOW
    )
    with pytest.raises(screenings.ScreeningClosed):
        screenings.store_result(
            screening=screening, asked=asked, folder="late", summary={}, verdicts=[], now=NOW
        )
    assert screening.verdicts.get().decision.proposed == "watch"


def test_a_result_of_another_question_is_discarded():
    screening = a_screening()
    asked = screening.asked()
    screenings.edit_families(
        screening=screening, families=FAMILIES[:1], what="x", actor=screening.created_by, now=NOW
    )
    with pytest.raises(screenings.ResultOutdated):
        screenings.store_result(
            screening=screening, asked=asked, folder="late", summary={}, verdicts=[], now=NOW
        )


def test_a_decision_read_twice_is_taken_once():
    entity = an_entity()
    screening = a_screening(entity)
    verdict = a_verdict(screening)
    decisions.propose_decision(
        verdict=verdict, choice="watch", reason="x", actor=screening.created_by, now=NOW
    )
    first, second = (decisions.proposal_of(verdict) for _ in range(2))
    decisions.decide(decision=first, choice="watch", reason="x", actor=a_director(entity), now=NOW)
    with pytest.raises(decisions.AlreadyDecided):
        decisions.decide(decision=second, choice="not", reason="x", actor=a_director(entity), now=NOW)


def test_an_archived_screening_is_decided_no_more():
    entity = an_entity()
    director = a_director(entity)
    screening = a_screening(entity)
    verdict = a_verdict(screening)
    decision = decisions.propose_decision(
        verdict=verdict, choice="watch", reason="x", actor=screening.created_by, now=NOW
    )
    screening.refresh_from_db()
    screenings.archive_screening(screening=screening, actor=director, now=NOW)
    with pytest.raises(decisions.NotComputed):
        decisions.decide(decision=decision, choice="watch", reason="x", actor=director, now=NOW)


def test_two_families_of_one_name_are_refused():
    twice = [FAMILIES[0], {**FAMILIES[1], "label": FAMILIES[0]["label"]}]
    with pytest.raises(screenings.FamilyInvalid):
        a_screening(families=twice)
