"""The list of stages: every one exists, and a run can start and end at each."""

import pytest

from gill_training import whole_run
from gill_training.__main__ import COMMANDS


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    assert whole_run.main(["--list", *options]) == 0
    return capsys.readouterr().out.splitlines()


def test_every_stage_is_a_command_of_this_program_or_of_the_engine(capsys):
    for line in listed(capsys):
        words = line.split()
        assert words[0] in whole_run.FOREIGN or words[1] in COMMANDS, line


def test_goes_on_at_a_stage_and_ends_after_the_last_turn_of_one(capsys):
    lines = listed(capsys, "--from", "features", "--until", "autoencoder")

    assert [line.split()[1] for line in lines] == ["features", "clip", "clip-golden", "autoencoder", "diffusion", "autoencoder", "autoencoder"]


def test_stages_of_the_engine_are_named_by_two_words(capsys):
    assert listed(capsys, "--from", "./gill decision")[0].startswith("./gill decision evidence")


def test_a_stage_that_does_not_exist_is_refused_with_the_list(capsys):
    with pytest.raises(SystemExit):
        whole_run.main(["--from", "dreaming"])
    assert "no stage is called dreaming; one of: ./gill models" in capsys.readouterr().err


def test_the_denoiser_trains_as_many_steps_on_every_machine(capsys):
    lines = listed(capsys, "--from", "autoencoder", "--until", "diffusion-export")[:-1]

    assert all("--minutes 0 --steps " in line for line in lines), lines
