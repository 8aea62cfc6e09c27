"""A running job and rounds of labels: a new one is served with the next batch, a broken one not."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pandas as pd
import pytest

from skysift.models.vra import members
from tests.science_modules.test_vra import cut_short, weights_of
from tests.stream.jobs import annotated, start, wait_for

AT_A_TIME = 15


def test_a_running_job_takes_new_rounds_and_outlives_a_broken_one(
    packets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "TREES", 5)
    source, sink, log = tmp_path / "in", tmp_path / "out", tmp_path / "log"
    source.mkdir()
    current = tmp_path / "current"
    names = sorted(packets.glob("*.avro"))[: 4 * AT_A_TIME]
    expected = {}
    job = None
    for number, version in enumerate(["round-1", "round-2", "broken", "round-4"]):
        folder = weights_of(tmp_path / version, version).parent
        if version == "broken":
            cut_short(folder)
        (tmp_path / "new").symlink_to(folder)
        os.replace(tmp_path / "new", current)
        some = names[number * AT_A_TIME : (number + 1) * AT_A_TIME]
        _drop(some, source)
        served = "round-2" if version == "broken" else version
        expected |= {int(path.stem): served for path in some}
        if job is None:
            job = start(
                "run", "--source", source, "--sink", sink, "--modules", "vra",
                "--weights", f"vra={current}", log=log,
            )  # fmt: skip
        wait_for(lambda: _done(sink) == len(expected), job, log)  # noqa: B023
    job.send_signal(signal.SIGTERM)
    assert job.wait(60) == 0, log.read_text()
    rows = annotated(sink).set_index("candid")
    answers = pd.json_normalize(rows["vra"]).set_index(rows.index)
    assert answers["version"].to_dict() == expected
    assert (answers["status"] == "ok").groupby(answers["version"]).any().all()
    assert "cannot be used, those before stay" in log.read_text()


def _drop(paths: list[Path], folder: Path) -> None:
    for path in paths:
        shutil.copy(path, folder / f".{path.name}.tmp")
        (folder / f".{path.name}.tmp").rename(folder / path.name)


def _done(sink: Path) -> int:
    done = list(sink.glob("annotated/batch=*/_SUCCESS"))
    return len(annotated(sink)) if done else 0
