"""Somebody with a browser that runs no scripts: opens pages, fills in their forms."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

AT = "http://127.0.0.1:8765"


class Page(HTMLParser):
    """A page, taken apart.

    Attributes
    ----------
    status : int
    url : str
        Path and query.
    new_cookies : list of str
        Headers that set cookies, those of redirects too.
    html : str
    text : str
        What can be read, without tags.
    tags : list of (name, attributes)
    """

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.status, self.html = response.status_code, response.text
        self.headers = response.headers
        steps = [*response.history, response]
        self.new_cookies = [h for step in steps for h in step.headers.get_list("set-cookie")]
        self.url = str(response.url).removeprefix(AT)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._texts: list[str] = []
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        """Take a tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Take a text."""
        self._texts.append(data)

    @property
    def text(self) -> str:
        """What can be read, with single spaces."""
        return " ".join(" ".join(self._texts).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of all tags of a name that have these values."""
        names = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [a for t, a in self.tags if t == tag and names.items() <= a.items()]

    def one(self, tag: str, **wanted: str) -> dict[str, str]:
        """Return the attributes of the only such tag."""
        (found,) = self.all(tag, **wanted)
        return found

    @property
    def question(self) -> int:
        """Number of the question that is asked."""
        return int(self.one("main", class_="question")["data-question"])

    @property
    def object(self) -> str:
        """Object that the question is about."""
        return unescape(re.search(r'<h1 id="object">(.*?)</h1>', self.html)[1])  # type: ignore[index]


class Person:
    """Somebody with a browser.

    Parameters
    ----------
    app : FastAPI
    name : str
        Given at the door; empty to come without one.
    """

    def __init__(self, app: FastAPI, name: str = "", *, at: str = AT) -> None:
        self.client = TestClient(app, base_url=at)
        self.name = name
        if name:
            self.send("/name", name=name)

    def open(self, path: str, **headers: str) -> Page:
        """Open a page."""
        return Page(self.client.get(path, headers=headers))

    def send(
        self, address: str, /, *, headers: dict[str, str] | None = None, **fields: Any
    ) -> Page:
        """Send a form as pages do: with their token, under one's name."""
        token = self.open("/name").all("input", name="form_token")[0]["value"]
        said = {"form_token": token, "labeller": self.name, **fields}
        return Page(self.client.post(address, data=said, headers=headers))

    def next(self, queue: str) -> Page:
        """Go to the next question of a queue."""
        return self.open(f"/next?{queue}")

    def answer(self, page: Page, value: str = "", **fields: Any) -> Page:
        """Answer the question of a page."""
        form = page.one("form", id="answer")
        return self.send(form["action"], value=value, **fields)

    def press(self, page: Page, verb: str) -> Page:
        """Skip the question of a page, or undo."""
        (action,) = {a["action"] for a in page.all("form") if f"/{verb}" in a.get("action", "")}
        return self.send(action)
