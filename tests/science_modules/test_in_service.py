"""What is served while weights come, break and come again."""

from __future__ import annotations

import pytest

from skysift.science_modules._in_service import InService


class Shelf:
    """Weights by path, some of them broken."""

    def __init__(self, **weights: str) -> None:
        self.weights = weights

    def load(self, path: str | None) -> str:
        found = self.weights[str(path)]
        if found.startswith("broken"):
            raise ValueError(found)
        return found


def test_new_weights_are_served_at_once_and_broken_ones_never() -> None:
    shelf = Shelf(a="one")
    serve = InService(shelf.load)
    served = []
    for shelf.weights["a"] in ("one", "two", "broken", "broken", "three"):
        served.append(serve("a"))
    assert served == ["one", "two", "two", "two", "three"]


def test_trouble_is_told_once_and_again_when_it_comes_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shelf = Shelf(a="one")
    serve = InService(shelf.load)
    for shelf.weights["a"] in ("one", "broken", "broken", "two", "broken", "broken otherwise"):
        serve("a")
    told = [record.getMessage() for record in caplog.records]
    assert [text.rpartition(": ")[2] for text in told] == ["broken", "broken", "broken otherwise"]
    assert all("weights a cannot be used" in text for text in told)


def test_paths_do_not_stand_in_for_each_other() -> None:
    shelf = Shelf(**{"a": "one", "b": "broken", "None": "shipped"})
    serve = InService(shelf.load)
    assert serve("a") == "one"
    assert serve(None) == "shipped"
    with pytest.raises(ValueError, match="broken"):
        serve("b")
