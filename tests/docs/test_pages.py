"""The pages hold what they say: links lead somewhere, commands and imports are those there are."""

from __future__ import annotations

import ast
import importlib
import re
import shlex
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest
import typer.main

from skysift.cli import app
from tests.docs.markdown import ROOT, Page, pages

COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?skysift(?= |$)")
MAKE = re.compile(r"^make +([a-z][a-z0-9-]*)")
PLACEHOLDER = "…"

every_page = pytest.mark.parametrize("page", pages(), ids=str)


@every_page
def test_links_lead_to_files_and_headings(page):
    for link in page.links:
        name, _, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        assert target.exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in Page(target).anchors, f"{page} links to {link}"


@every_page
def test_commands_in_blocks_parse_as_they_stand(page):
    for line in (line for block in page.blocks for line in block.lines):
        if COMMAND.match(line.strip()):
            parse(line.strip())


@every_page
def test_commands_in_the_prose_name_verbs_and_options_that_exist(page):
    for span in page.spans:
        if COMMAND.match(span) and PLACEHOLDER not in span:
            parse(span, may_lack=True)


@every_page
def test_make_targets_exist(page):
    lines = [line.strip() for block in page.blocks for line in block.lines]
    named = {match[1] for text in [*lines, *page.spans] if (match := MAKE.match(text))}
    assert named <= targets(), f"{page} names {sorted(named - targets())}"


@every_page
def test_python_blocks_parse_and_import_what_exists(page):
    for block in (block for block in page.blocks if block.language == "python"):
        for module, name in ours_imported(block.text):
            there = hasattr(importlib.import_module(module), name) or find_spec(f"{module}.{name}")
            assert there, f"{page}: {module}.{name}"


def test_a_wrong_command_is_noticed():
    with pytest.raises(AssertionError, match="--sorce"):
        parse("skysift run --sorce x --sink y")
    with pytest.raises(AssertionError, match="--sink"):
        parse("skysift run --source x")
    with pytest.raises(AssertionError, match="dance"):
        parse("skysift dance")


def parse(line: str, *, may_lack: bool = False) -> None:
    """Let the real command line parse a command, and run nothing."""
    words = shlex.split(COMMAND.sub("", line), comments=True)
    try:
        idle_command().main(words, standalone_mode=False)
    except Exception as error:  # Typer brings its own Click: the classes cannot be named here
        lacking = type(error).__name__ in ("MissingParameter", "NoArgsIsHelpError")
        told = error.format_message() if hasattr(error, "format_message") else repr(error)
        assert may_lack and lacking, f"{line!r}: {told}"


@cache
def idle_command() -> Any:
    """Build the command with nothing behind its verbs."""
    command = typer.main.get_command(app)
    queue = [command]
    while queue:
        one = queue.pop()
        one.callback = None
        queue += getattr(one, "commands", {}).values()
    return command


@cache
def targets() -> set[str]:
    """List the targets of the Makefile."""
    return set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))


def ours_imported(code: str) -> list[tuple[str, str]]:
    """List what a piece of code imports from skysift, as module and name."""
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in nodes if (node.module or "").partition(".")[0] == "skysift"]
    return [(str(node.module), alias.name) for node in ours for alias in node.names]
