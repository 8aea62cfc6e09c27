"""Fetching the published set, from a server of the same layout on this machine."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from skysift.cli.main import app
from skysift.datasets import fetch, registered
from skysift.datasets.registry import Archive
from skysift.models.btsbot.training_set import read_set
from tests.datasets.mirror import RECORD, Mirror, serving
from tests.datasets.published import (
    BIG,
    FILES,
    IMAGES,
    METADATA,
    REGISTERED,
    VERSION,
    zipped,
)

SOON = (0.01, 0.01, 0.01)
"""Waits before retries, seconds."""


@pytest.fixture
def mirror():
    return Mirror(dict(FILES))


def get(mirror: Mirror, folder: Path, **options):
    with serving(mirror) as url:
        return fetch(REGISTERED, folder, base_url=url, waits=SOON, **options)


def test_the_set_is_fetched_unpacked_and_read(mirror, tmp_path):
    steps = []
    get(mirror, tmp_path / "set", progress=steps.append)
    found = read_set(tmp_path / "set")
    assert len(found) == 30
    assert len(found.part("validation")) == 10
    assert {s.what for s in steps} == {"fetching", "checking", "unpacking"}
    assert all(s.done <= s.total for s in steps)
    names = {file.name for file in (tmp_path / "set").iterdir()}
    assert names == {
        "fetched.json",
        *(f"{p}_triplets_{VERSION}.npy" for p in ("train", "val", "test")),
        *(f"{p}_cand_{VERSION}.csv" for p in ("train", "val", "test")),
    }


def test_a_second_run_asks_for_nothing(mirror, tmp_path):
    get(mirror, tmp_path)
    asked, records = list(mirror.asked), mirror.records_asked
    get(mirror, tmp_path)
    assert (mirror.asked, mirror.records_asked) == (asked, records)


def test_what_was_lost_is_fetched_again_and_no_more(mirror, tmp_path):
    get(mirror, tmp_path)
    (tmp_path / f"val_cand_{VERSION}.csv").write_bytes(b"short")
    mirror.asked.clear()
    get(mirror, tmp_path)
    assert mirror.asked == [(METADATA, 0)]
    assert len(read_set(tmp_path)) == 30


def test_a_broken_connection_goes_on_where_it_broke(mirror, tmp_path):
    mirror.cut = [BIG // 2, BIG // 3]
    get(mirror, tmp_path)
    starts = [first for name, first in mirror.asked if name == IMAGES]
    assert starts == [0, BIG // 2, BIG // 2 + BIG // 3]
    assert len(read_set(tmp_path)) == 30


def test_a_server_without_ranges_starts_again(mirror, tmp_path):
    mirror.ranges = False
    mirror.cut = [BIG // 2]
    get(mirror, tmp_path)
    assert [first for name, first in mirror.asked if name == IMAGES] == [0, BIG // 2]
    assert len(read_set(tmp_path)) == 30


def test_a_killed_download_goes_on(mirror, tmp_path):
    mirror.stall = threading.Event()
    half = tmp_path / f"{IMAGES}.part"
    script = (
        "import sys; from pathlib import Path\n"
        "from skysift.datasets.download import download\n"
        "download(sys.argv[1], Path(sys.argv[2]), size=int(sys.argv[3]))"
    )
    with serving(mirror) as url:
        address = f"{url}/api/records/{RECORD}/files/{IMAGES}/content"
        target, size = tmp_path / IMAGES, len(FILES[IMAGES])
        words = [sys.executable, "-c", script, address, str(target), str(size)]
        child = subprocess.Popen(words)
        try:
            while not (half.exists() and half.stat().st_size >= 2**20):
                assert child.poll() is None
                time.sleep(0.05)
        finally:
            child.kill()
            child.wait()
            mirror.stall.set()
        kept = half.stat().st_size
        fetch(REGISTERED, tmp_path, base_url=url, waits=SOON)
    assert mirror.asked[:2] == [(IMAGES, 0), (IMAGES, kept)]
    assert len(read_set(tmp_path)) == 30


def test_a_busy_server_is_tried_again_and_a_refusal_is_not(mirror, tmp_path):
    mirror.fail = [503, 429]
    get(mirror, tmp_path / "a")
    mirror.asked.clear()
    mirror.fail = [403]
    with pytest.raises(ValueError, match=r"cannot be fetched: HTTP Error 403.* What came is kept"):
        get(mirror, tmp_path / "b")
    assert len(mirror.asked) == 1


def test_patience_ends(mirror, tmp_path):
    mirror.fail = [503] * 10
    with pytest.raises(ValueError, match="HTTP Error 503"):
        get(mirror, tmp_path)
    assert len(mirror.asked) == len(SOON) + 1


def test_a_file_that_comes_damaged_is_fetched_once_more(mirror, tmp_path):
    mirror.spoil = 1
    get(mirror, tmp_path)
    assert [name for name, _ in mirror.asked] == [IMAGES, IMAGES, METADATA]
    assert len(read_set(tmp_path)) == 30


def test_a_file_that_comes_damaged_twice_is_given_up(mirror, tmp_path):
    mirror.spoil = 9
    with pytest.raises(ValueError, match=r"came damaged 2 times: its MD5 is \w{32}, it should be"):
        get(mirror, tmp_path)
    assert len(mirror.asked) == 2
    assert list(tmp_path.iterdir()) == []


def test_another_file_than_registered_is_not_fetched(mirror, tmp_path):
    mirror.md5[METADATA] = "0" * 32
    with pytest.raises(ValueError, match=r"metadata_v10.zip has the checksum md5:0{32}, but the"):
        get(mirror, tmp_path)
    assert mirror.asked == []


def test_a_record_without_the_file_says_what_it_has(mirror, tmp_path):
    del mirror.files[METADATA]
    with pytest.raises(ValueError, match=r"no file metadata_v10\.zip; it has: images_v10.zip"):
        get(mirror, tmp_path)


def test_room_is_checked_before_anything_is_fetched(mirror, tmp_path):
    record = REGISTERED
    greedy = replace(record.archives[0], unpacked_bytes=10**18)
    record = replace(record, archives=(greedy, record.archives[1]))
    with serving(mirror) as url, pytest.raises(ValueError, match=r"GB free; 1000000000\.0 GB are"):
        fetch(record, tmp_path, base_url=url, waits=SOON)
    assert mirror.asked == []


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"../evil_triplets_v10_.npy": b"x"}, "is not safe: it holds '../evil"),
        ({"/etc/evil_triplets_v10_.npy": b"x"}, "is not safe"),
        ({"a\\..\\evil_triplets_v10_.npy": b"x"}, "is not safe"),
        ({"C:/evil_triplets_v10_.npy": b"x"}, "is not safe"),
        ({"a/x_triplets_v10_.npy": b"x", "b/x_triplets_v10_.npy": b"y"}, "_v10_.npy twice"),
        ({"readme.txt": b"x"}, r"holds no file like \*_triplets_v10_\*.npy, but readme.txt"),
        (None, "is no zip archive"),
    ],
)
def test_an_archive_that_is_not_what_it_should_be_is_refused(tmp_path, members, complaint):
    content = b"no zip" if members is None else zipped(members)
    mirror = Mirror({IMAGES: content})
    archive = Archive(IMAGES, "", "*_triplets_v10_*.npy", 0)
    record = replace(REGISTERED, archives=(archive,))
    folder = tmp_path / "a" / "b"
    with serving(mirror) as url, pytest.raises(ValueError, match=complaint):
        fetch(record, folder, base_url=url, waits=SOON)
    assert not list(tmp_path.rglob("*evil*"))


def test_a_link_in_an_archive_is_refused(tmp_path):
    link = zipfile.ZipInfo("x_triplets_v10_.npy")
    link.external_attr = 0o120777 << 16
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    mirror = Mirror({IMAGES: content.getvalue()})
    record = replace(REGISTERED, archives=(Archive(IMAGES, "", "*_triplets_v10_*.npy", 0),))
    with serving(mirror) as url, pytest.raises(ValueError, match="is not safe"):
        fetch(record, tmp_path, base_url=url, waits=SOON)


def test_what_is_no_record_is_named(tmp_path):
    with serving(Mirror({})) as url, pytest.raises(ValueError, match=r"no file images_v10\.zip"):
        fetch(REGISTERED, tmp_path, base_url=url, waits=SOON)
    with pytest.raises(ValueError, match="only http and https are spoken"):
        fetch(REGISTERED, tmp_path, base_url="file:///etc", waits=SOON)


def test_the_registered_record_is_the_published_one():
    record = registered("btsbot")
    assert record.record == RECORD
    assert record.archives[0].md5 == "54e8cd1d806f015e9ef10a1957a3ff38"
    assert record.archives[1].md5 == "6412a62451"
    with pytest.raises(KeyError, match="no published training set is called 'btsbt'; did you mean"):
        registered("btsbt")


def test_the_command_refuses_a_mirror_of_something_else(mirror, tmp_path):
    with serving(mirror) as url:
        done = CliRunner().invoke(
            app, ["data", "fetch", "btsbot", "--output", str(tmp_path), "--base-url", url]
        )
    assert done.exit_code != 0
    assert "but the published file has the MD5 54e8cd1d806f015e9ef10a1957a3ff38" in str(
        done.exception
    )


def test_the_account_says_what_it_is_and_under_which_licence(mirror, tmp_path):
    get(mirror, tmp_path)
    account = json.loads((tmp_path / "fetched.json").read_text())
    assert account["licence"] == "CC BY 4.0"
    assert set(account["archives"]) == {IMAGES, METADATA}
