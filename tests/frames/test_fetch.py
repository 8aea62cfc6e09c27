"""Frames from a real local server that cuts, hangs, lies and refuses."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from skysift.alerts.frame_name import FrameName
from skysift.frames.fetch import Archive, FetchError, NotThereError, Patience
from skysift.frames.login import PASSWORD as PASSWORD_NAME
from skysift.frames.login import USER as USER_NAME
from skysift.frames.login import Login, LoginError, find_login
from tests.frames.archive_server import PASSWORD, USER, ArchiveServer, fill, serve

NAME = FrameName.parse("ztf_20191014495961_000570_zr_c05_o_q3")
LATER = FrameName.parse("ztf_20191014518961_000570_zr_c05_o_q3")

QUICK = Patience(timeout=0.4, longest=1.5, tries=3, wait=0.01, longest_wait=0.02)


@pytest.fixture
def server(tmp_path: Path):
    """An archive with two exposures of one field."""
    folder = tmp_path / "archive"
    fill(folder, NAME)
    fill(folder, LATER)
    with serve(folder) as archive:
        yield archive


@pytest.fixture
def archive(server: ArchiveServer) -> Archive:
    return Archive(server.url, patience=QUICK)


def left_over(folder: Path) -> list[str]:
    """Files that are none of the archive's."""
    return [path.name for path in folder.rglob("*") if path.is_file() and "partial" in path.name]


def test_a_frame_comes_byte_by_byte_into_the_same_folders(server, archive, tmp_path) -> None:
    files = archive.fetch(NAME, tmp_path / "here")
    assert files.missing() == []
    for path, there in zip(
        files.paths, (NAME.science, NAME.reference, NAME.difference), strict=True
    ):
        assert path == tmp_path / "here" / there
        assert path.read_bytes() == (server.folder / there).read_bytes()
    assert left_over(tmp_path) == []


def test_what_is_there_is_not_fetched_again(server, archive, tmp_path) -> None:
    archive.fetch(NAME, tmp_path)
    archive.fetch(NAME, tmp_path)
    archive.fetch(LATER, tmp_path)
    assert len(server.asked) == 5  # the reference once
    assert server.count("_refimg.fits") == 1


def test_a_network_of_two_images_needs_no_difference(server, archive, tmp_path) -> None:
    files = archive.fetch(NAME, tmp_path, difference=False)
    assert files.missing() == [files.difference]
    assert server.count(".fz") == 0


@pytest.mark.parametrize(
    "mishaps", [["503", "429"], ["cut"], ["hang"], ["short"], ["unnamed"], ["cut", "500"]]
)
def test_what_passes_is_waited_for(server, archive, tmp_path, mishaps) -> None:
    server.mishaps["_sciimg.fits"] = list(mishaps)
    files = archive.fetch(NAME, tmp_path)
    assert files.science.read_bytes() == (server.folder / NAME.science).read_bytes()
    assert server.count("_sciimg.fits") == len(mishaps) + 1
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(
    ("mishap", "reason"),
    [
        ("503", r"cannot be fetched: status 503 \(3 tries\)"),
        ("cut", r"the connection broke off after [\d,]+ of \d+ bytes \(3 tries\)"),
        ("hang", r"nothing came for too long \(3 tries\)"),
        ("drip", r"not there after 2 s \(3 tries\)"),
        ("short", r"what came is cut off: it has [\d,]+ of [\d,]+ bytes \(3 tries\)"),
        ("unnamed", r"what came is cut off: it has"),
    ],
)
def test_what_does_not_pass_is_given_up_with_its_reason(
    server, archive, tmp_path, mishap, reason
) -> None:
    server.mishaps["_scimrefdiffimg.fits.fz"] = [mishap] * 3
    with pytest.raises(FetchError, match=reason) as caught:
        archive.fetch(NAME, tmp_path)
    assert server.url in str(caught.value)
    assert not isinstance(caught.value, NotThereError)
    assert server.count(".fz") == 3
    assert not (tmp_path / NAME.difference).exists()
    assert left_over(tmp_path) == []


@pytest.mark.parametrize(("status", "tries"), [("404", 1), ("410", 1)])
def test_what_is_not_there_yet_is_told_apart(server, archive, tmp_path, status, tries) -> None:
    server.mishaps["_sciimg.fits"] = [status]
    with pytest.raises(NotThereError, match=r"_sciimg\.fits is not there \(yet\)"):
        archive.fetch(NAME, tmp_path)
    assert server.count("_sciimg.fits") == tries
    assert archive.fetch(NAME, tmp_path).missing() == []


@pytest.mark.parametrize("status", ["400", "403"])
def test_a_refusal_is_not_asked_again(server, archive, tmp_path, status) -> None:
    server.mishaps["_sciimg.fits"] = [status]
    with pytest.raises(FetchError, match=status):
        archive.fetch(NAME, tmp_path)
    assert server.count("_sciimg.fits") == 1


def test_a_page_is_no_frame(server, archive, tmp_path) -> None:
    server.mishaps["_sciimg.fits"] = ["html"]
    with pytest.raises(FetchError, match="is a page, not a file: it may want a login"):
        archive.fetch(NAME, tmp_path)


def test_a_server_that_is_not_there_is_told(server, tmp_path) -> None:
    archive = Archive("http://127.0.0.1:9/", patience=QUICK)
    with pytest.raises(FetchError, match=r"http://127\.0\.0\.1:9/sci.*Connection refused"):
        archive.fetch(NAME, tmp_path)


def test_a_wrong_byte_is_seen_by_the_md5_that_the_server_tells(server, archive, tmp_path) -> None:
    server.md5 = True
    server.mishaps["_sciimg.fits"] = ["spoil"]
    files = archive.fetch(NAME, tmp_path)
    assert files.science.read_bytes() == (server.folder / NAME.science).read_bytes()
    assert server.count("_sciimg.fits") == 2


@pytest.mark.parametrize("end", ["_sciimg.fits", "_scimrefdiffimg.fits.fz"])
def test_a_wrong_byte_is_seen_by_the_file_s_own_checksum(server, archive, tmp_path, end) -> None:
    fill(server.folder, NAME, checksum=True)
    server.mishaps[end] = ["spoil"] * 3
    with pytest.raises(FetchError, match=r"what came is damaged: HDU . does not have its checksum"):
        archive.fetch(NAME, tmp_path)


def test_a_partial_file_that_somebody_left_is_replaced(server, archive, tmp_path, caplog) -> None:
    path = tmp_path / NAME.science
    path.parent.mkdir(parents=True)
    whole = (server.folder / NAME.science).read_bytes()
    path.write_bytes(whole[:-100])
    archive.fetch(NAME, tmp_path)
    assert path.read_bytes() == whole
    assert "is cut off" in caplog.text


def test_many_who_want_one_reference_fetch_it_once(server, archive, tmp_path) -> None:
    names = [FrameName.parse(f"ztf_201910144959{i:02d}_000570_zr_c05_o_q3") for i in range(8)]
    for name in names:
        fill(server.folder, name)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: archive.fetch(name, tmp_path), names))
    assert len({files.reference for files in found}) == 1
    assert server.count("_refimg.fits") == 1
    assert all(not files.missing() for files in found)
    assert left_over(tmp_path) == []


def test_who_waits_for_one_that_fails_tries_itself(server, tmp_path) -> None:
    server.mishaps["_sciimg.fits"] = ["404"]
    server.before_answer = threading.Event()

    def fetch(_: int) -> object:
        try:
            return Archive(server.url, patience=Patience(timeout=5)).fetch(NAME, tmp_path)
        except NotThereError as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(fetch, i) for i in range(2)]
        time.sleep(0.2)
        server.before_answer.set()
        kinds = {type(one.result()).__name__ for one in both}
    assert kinds == {"NotThereError", "FrameFiles"}


def _fetch_and_hang(url: str, folder: Path) -> None:
    Archive(url, patience=Patience(timeout=60)).fetch(NAME, folder)


def test_a_killed_process_leaves_nothing_that_is_taken_for_a_file(server, archive, tmp_path):
    server.mishaps["_sciimg.fits"] = ["hang"]
    folder = tmp_path / "here"
    process = multiprocessing.get_context("spawn").Process(
        target=_fetch_and_hang, args=(server.url, folder)
    )
    process.start()
    deadline = time.monotonic() + 60
    while not server.count("_sciimg.fits") and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert not (folder / NAME.science).exists()
    files = archive.fetch(NAME, folder)
    assert files.science.read_bytes() == (server.folder / NAME.science).read_bytes()
    assert left_over(folder) == []


def test_one_login_opens_what_is_closed(server, tmp_path) -> None:
    server.closed = True
    with pytest.raises(FetchError, match=r"is refused \(401\): it may want a login"):
        Archive(server.url, patience=QUICK).fetch(NAME, tmp_path)
    login = Login(USER, PASSWORD)
    archive = Archive(server.url, login=login, login_url=server.login_url, patience=QUICK)
    archive.fetch(NAME, tmp_path)
    archive.fetch(LATER, tmp_path)
    assert len(server.logins) == 1


def test_a_login_that_is_not_taken_is_tried_once_and_never_told(server, tmp_path, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    login = Login(USER, "wrong-password")
    archive = Archive(server.url, login=login, login_url=server.login_url, patience=QUICK)
    for name in (NAME, LATER):
        with pytest.raises(FetchError, match=r"127\.0\.0\.1 does not take the login of 'ann'") as e:
            archive.fetch(name, tmp_path)
        assert "wrong-password" not in str(e.value)
    assert len(server.logins) == 1
    assert server.asked == []
    assert "wrong-password" not in caplog.text + repr(login) + repr(archive)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"begins with http:// or https://\. Got: irsa"):
        Archive("irsa.ipac.caltech.edu")


def test_a_login_comes_from_the_environment_or_a_file(tmp_path) -> None:
    both = {USER_NAME: "ann", PASSWORD_NAME: "pw"}
    assert find_login(environment=both) == Login("ann", "pw")
    file = tmp_path / "login"
    file.write_text("machine irsa.ipac.caltech.edu login bob password pw2\n")
    assert find_login(file, environment=both) == Login("bob", "pw2")


def test_without_a_login_one_asks_as_anybody(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_login(environment={}) is None
    (tmp_path / ".netrc").write_text("machine elsewhere login bob password pw2\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert find_login(environment={}) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("machine elsewhere login bob password pw2\n", "has no login for irsa.ipac.caltech.edu"),
        ("what is this pw2", "cannot be read as a netrc file"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_without_the_login_is_told_without_its_words(tmp_path, content, reason) -> None:
    file = tmp_path / "login"
    if content is not None:
        file.write_text(content)
    with pytest.raises(LoginError, match=reason) as caught:
        find_login(file, environment={})
    assert "pw2" not in str(caught.value)


def test_half_a_login_is_refused() -> None:
    with pytest.raises(LoginError, match=f"{USER_NAME} and {PASSWORD_NAME} go together"):
        find_login(environment={USER_NAME: "ann"})
