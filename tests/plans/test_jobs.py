"""The runs that a study consists of."""

from __future__ import annotations

from makers import maker

from normlab.records import Job
from normlab.spec import Study, design


def jobs(study: Study) -> list[Job]:
    return maker(study, "lanes", "5f" * 32).jobs()


def test_every_arm_meets_every_seed_once() -> None:
    """A study's runs are its arms times its seeds, all of them different."""
    study = design(norms=["bn", "ln"], l1=[0, 1e-4], seeds=3)
    assert len({(job.label, job.seed) for job in jobs(study)}) == len(jobs(study)) == 12
    assert len({job.key for job in jobs(study)}) == 12


def test_a_seed_is_finished_before_the_next_begins() -> None:
    """All arms of one seed come first, so that a study cut short can still be compared."""
    study = design(norms=["bn", "ln"], seeds=[7, 4])
    assert [(job.label, job.seed) for job in jobs(study)] == [("bn", 7), ("ln", 7), ("bn", 4), ("ln", 4)]


def test_a_job_has_all_that_its_numbers_depend_on() -> None:
    """The arm's resolved recipe, the study's root and device, the engine and the data; it is called by its arm."""
    study = design(norms=["bn"], seeds=[3], root=5, device="cuda", vary={"batch_size": [32, 64]})
    (one, _) = jobs(study)
    assert one == Job(study.arms[0].recipe, 3, 5, "cuda", "lanes", "5f" * 32)
    assert one.name == "batch 32 · seed 3"


def test_on_a_path_each_run_is_known_by_the_one_before_it() -> None:
    """Three λ in a chain; the arm without a penalty and the first of each chain start from their seed alone."""
    study = design(norms=["bn"], l1=[0, 1e-2, 1e-4, 1e-3], penalty=["prox", "subgrad"], seeds=1, warm_start=True)
    made = {job.label: job for job in jobs(study)}
    assert made["bn"].after == made["bn + prox 0.0001"].after == made["bn + L1 0.0001"].after == ""
    assert made["bn + prox 0.001"].after == made["bn + prox 0.0001"].key
    assert made["bn + prox 0.01"].after == made["bn + prox 0.001"].key
    assert made["bn + L1 0.01"].after == made["bn + L1 0.001"].key


def test_a_finer_path_shares_what_comes_before_the_new_value() -> None:
    """Runs below a λ that is added are the same runs, those above go on from another."""
    coarse, fine = (
        {job.label: job.key for job in jobs(design(norms=["bn"], l1=lams, penalty="prox", seeds=1, warm_start=True))}
        for lams in ([0, 1e-4, 1e-2], [0, 1e-4, 1e-3, 1e-2])
    )
    assert {name for name in coarse if coarse[name] == fine[name]} == {"bn", "bn + prox 0.0001"}


def test_sources_add_runs_in_which_one_varies() -> None:
    """For each source that an arm has a run on every seed, but for the seed that the others are held at."""
    study = design(norms=["bn", "ln"], seeds=3, sources=True, arms=[{"norm": "bn", "dropout": 0.1}])
    made = maker(study, "lanes", "5f" * 32)
    assert {name: len(found) for name, found in made.alone().items()} == {
        "init": 9,
        "order": 9,
        "augment": 9,
        "dropout": 3,
    }
    assert [job.key for job in made.every()[:9]] == [job.key for job in made.jobs()]
    assert len({job.key for job in made.every()}) == len(made.every()) == 9 + 3 * 6 + 2
    (held, *others) = [job for job in made.alone()["init"] if job.label == study.arms[0].name]
    assert held.key == made.job(study.arms[0], 0).key
    assert [job.only for job in others] == ["init", "init"]


def test_ordinary_runs_are_those_of_a_study_that_does_not_ask() -> None:
    """So they are shared, and a study without sources has no others."""
    asked, plain = (maker(design(norms=["bn"], seeds=3, sources=on), "lanes", "5f" * 32) for on in (True, False))
    assert [job.key for job in asked.jobs()] == [job.key for job in plain.every()]
    assert plain.alone() == {}
