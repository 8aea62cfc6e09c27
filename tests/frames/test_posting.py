"""A night's detections as what is posted of them."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skysift.adapters.skyportal.ledger import Ledger
from skysift.adapters.skyportal.sink import Outcome, unsent
from skysift.frames.known.answer import Answer, Match
from skysift.frames.posting import OURS, PUBLISHED, Choice, chosen, make_post, object_id, posts
from skysift.frames.table import DETECTIONS
from skysift.frames.thumbnail import thumbnails
from tests.frames.night_folder import SEARCHED, row, triplet, write_night


def match(name: str, offset: float) -> Match:
    """Make an object that a service names."""
    return Match(name, "MB>Inner", 1.0, 2.0, offset, 17.5, None, None, None)


def test_the_best_come_first_and_the_worst_not_at_all(tmp_path: Path) -> None:
    write_night(tmp_path, *(row(number) for number in (3, 0, 2, 1, 4, 5)))
    assert [r["p"] for r in chosen(tmp_path, Choice(min_score=0.55))] == [0.9, 0.8, 0.7, 0.6]
    assert [r["p"] for r in chosen(tmp_path, Choice(limit=2))] == [0.9, 0.8]


def test_known_objects_may_stay_at_home_but_not_what_nobody_could_ask_about(
    tmp_path: Path,
) -> None:
    known = {"known_status": "matched", "known_name": "C/2020 T2", "known_source": "CometEls"}
    write_night(
        tmp_path,
        row(0, p=0.9, **known, known_offset=29.0),
        row(1, p=0.9, **known, known_offset=31.0),
        row(2, p=0.9, x_match_mpc=Answer.of([match("2P", 3.0)]).text()),
        *(row(3 + n, p=0.9, known_status=s) for n, s in enumerate(("none", "failed", "not_asked"))),
    )
    assert len(chosen(tmp_path, Choice())) == 6
    left = chosen(tmp_path, Choice(unknown_only=True))
    assert [r["candid"] for r in left] == [row(n)["candid"] for n in (1, 3, 4, 5)]


def test_a_folder_that_is_no_night_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no night"):
        chosen(tmp_path, Choice())
    (tmp_path / "detections.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match="no table of detections"):
        chosen(tmp_path, Choice())


def test_what_is_posted(tmp_path: Path) -> None:
    write_night(tmp_path, row(0))
    (read,) = chosen(tmp_path, Choice())
    post = make_post(read, tmp_path)
    candidate = post.candidate
    assert (candidate.ra, candidate.dec, candidate.score) == (150.1, -12.5, 0.9)
    assert candidate.origin == read["candid"]
    assert candidate.passed_at == datetime.fromisoformat(SEARCHED)
    (annotation,) = post.annotations
    assert annotation.origin == "tails:twilight"
    published = {
        "candid", "score", "jd", "datestr", "x", "y", "ra", "dec", "radecstr", "tails_v",
        "sci_ipac_url", "dif_ipac_url",
    }  # fmt: skip
    assert annotation.data.keys() <= published | {*OURS}
    assert (annotation.data["magap"], annotation.data["seeing"]) == (18.9, 2.1)
    assert not {"magcoma", "known_name"} & annotation.data.keys()  # NaN, null
    assert published < annotation.data.keys()
    assert annotation.data["score"] == 0.9  # as it was, not as float32 has it
    assert [t.kind for t in post.thumbnails] == ["new", "ref", "sub"]
    panel, links = post.comments
    assert panel.attachment is not None
    assert panel.attachment.read() == (tmp_path / read["id"] / read["panel"]).read_bytes()
    assert links.attachment is None
    assert links.text == (
        f"Frames at IPAC: [science]({read['sci_ipac_url']}), [difference]({read['dif_ipac_url']})"
    )


def test_columns_that_are_annotated_exist() -> None:
    assert {*PUBLISHED, *OURS} <= set(DETECTIONS.names)


def test_the_known_objects_near_it(tmp_path: Path) -> None:
    said = Answer.of([match("2001 AB", 42.0), match("(1) Ceres", 8.0)])
    write_night(tmp_path, row(0, known_status="none", x_match_skybot=said.text()))
    (read,) = chosen(tmp_path, Choice())
    post = make_post(read, tmp_path)
    comment = post.comments[1]
    assert comment.text == "Nearest known object: (1) Ceres, 8.0″ from where SkyBoT has it"
    assert comment.attachment is not None
    assert comment.attachment.name == f"{read['candid']}_known.json"
    told = json.loads(comment.attachment.read())
    assert told["orbits"]["status"] == "none"
    assert [found["name"] for found in told["skybot"]["matches"]] == ["(1) Ceres", "2001 AB"]
    assert "mpc" not in told
    near = {k: v for k, v in post.annotations[0].data.items() if "nearest" in k}
    assert near == {
        "imcce_nearest_id": "(1) Ceres",
        "imcce_nearest_offset_arcsec": 8.0,
        "imcce_nearest_Vmag": 17.5,
    }


def test_local_frames_have_no_links(tmp_path: Path) -> None:
    write_night(tmp_path, row(0, sci_ipac_url=None, dif_ipac_url=None))
    (read,) = chosen(tmp_path, Choice())
    assert len(make_post(read, tmp_path).comments) == 1


def test_an_objects_name_follows_from_frame_and_place() -> None:
    name = object_id(row(0))
    assert name.startswith("ZTF20240503_")
    assert object_id(row(0, ni=5, p=0.1, tails_v="other", x=1.0, ra=150.1 + 1e-7)) == name
    assert object_id(row(0, ra=150.11)) != name
    assert object_id(row(0, dec=-12.51)) != name
    assert object_id(row(1, ra=150.1)) != name
    assert object_id(row(0, ra=359.99999)) == object_id(row(0, ra=0.0))
    assert object_id(row(0, dec=-0.0001)) == object_id(row(0, dec=0.0001))
    many = {object_id(row(0, ra=n / 100, dec=d)) for n in range(100) for d in range(-50, 50)}
    assert len(many) == 10_000


def test_thumbnails_are_the_middle_and_lie_as_the_sky_does(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", triplet())
    drawn = {
        kind: np.asarray(Image.open(io.BytesIO(png)).convert("L"), dtype=float)
        for kind, png in thumbnails(tmp_path / "a.npy").items()
    }
    assert {image.shape for image in drawn.values()} == {(189, 189)}
    assert np.all(drawn["new"][93:96, 93:96] == 255)
    # 20 rows further up in the frame, 10 columns to the right.
    assert np.all(drawn["sub"][93 - 60 : 96 - 60, 93 + 30 : 96 + 30] == 255)
    assert np.all(drawn["ref"][:, :9] == 0)  # NaN begins three columns from the edge
    assert drawn["ref"][:, 9:].mean() > 50


@pytest.mark.parametrize("content", [None, np.zeros((63, 63)), np.zeros((62, 63, 3)), "text"])
def test_one_whose_files_are_broken_hinders_no_other(tmp_path: Path, content: object) -> None:
    write_night(tmp_path, *(row(number) for number in range(3)))
    rows = chosen(tmp_path, Choice())
    file = tmp_path / rows[1]["id"] / rows[1]["cutouts"]
    file.unlink()
    if isinstance(content, np.ndarray):
        np.save(file, content)
    elif content is not None:
        file.write_text(str(content))
    broken: list[Outcome] = []
    ledger = Ledger(tmp_path / "ledger", "https://fritz.science")
    made = unsent(posts(rows, tmp_path, broken), ledger, broken, group=1, filter_id=2)
    sent = [steps[0].body["origin"] for steps in made]
    assert sent == [rows[0]["candid"], rows[2]["candid"]]
    (outcome,) = broken
    assert outcome.origin == rows[1]["candid"]
    assert file.name in outcome.failed["detection"]


@pytest.mark.parametrize("account", ["{", "{}", '{"searched": "then"}', '{"searched": null}', "[]"])
def test_a_frame_that_does_not_say_when_it_was_searched(tmp_path: Path, account: str) -> None:
    write_night(tmp_path, row(0))
    (read,) = chosen(tmp_path, Choice())
    (tmp_path / read["id"] / "frame.json").write_text(account)
    with pytest.raises(ValueError, match="does not say when"):
        make_post(read, tmp_path)


def test_a_row_without_a_place_is_told(tmp_path: Path) -> None:
    write_night(tmp_path, row(0, ra=None, cutouts=None))
    broken: list[Outcome] = []
    assert list(posts(chosen(tmp_path, Choice()), tmp_path, broken)) == []
    assert "no ra, cutouts" in broken[0].failed["detection"]
