"""Answers in words."""

from __future__ import annotations

from skysift.active_learning.records import Answer


def describe(answer: Answer) -> str:
    """Tell what became of an answer."""
    about = answer.question.object
    if answer.retracted:
        return f"Taken back: {about}, {short(answer)}."
    if answer.skipped:
        return f"Skipped: {about}."
    return f"Saved: {about}, {short(answer)}."


def short(answer: Answer) -> str:
    """Tell an answer in a few words."""
    if answer.skipped:
        return "skipped"
    sure = "" if answer.confidence is None or answer.confidence == 1 else " (not sure)"
    value = answer.value
    if isinstance(value, dict):
        told = " → ".join(
            ", ".join(f"{name} × {votes}" if votes > 1 else name for name, votes in counts.items())
            for counts in value.values()
        )
    elif isinstance(value, list):
        told = "; ".join(f"{mark['x']:.0f} {mark['y']:.0f}" for mark in value) or "nothing to mark"
    else:
        told = str(value)
    return told + sure
