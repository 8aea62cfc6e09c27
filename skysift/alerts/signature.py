"""The signature rule: positional parameters are alert columns, keyword-only ones are settings."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

_COLUMN = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class SignatureError(TypeError):
    """A filter or science module breaks the signature rule; the message says where and how."""


def required_columns(func: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the alert columns that a filter or a module's ``score`` takes, in order.

    Parameters
    ----------
    func : callable
        ``func(column, …, *, setting=default, …)``.

    Returns
    -------
    tuple of str
        One name for each positional parameter.

    Raises
    ------
    SignatureError
        If a column has a default, or `func` takes ``*args`` or ``**kwargs``: then what it needs
        could not be read off its signature.

    Examples
    --------
    >>> def bright(magpsf, drb, *, max_mag=19.0): ...
    >>> required_columns(bright)
    ('magpsf', 'drb')
    """
    return tuple(p.name for p in _checked(func) if p.kind in _COLUMN)


def settings(func: Callable[..., Any]) -> dict[str, Any]:
    """Settings that a filter or a module's ``score`` takes, with their defaults.

    Raises
    ------
    SignatureError
        If a setting has no default, or as `required_columns`.

    Examples
    --------
    >>> def bright(magpsf, drb, *, max_mag=19.0): ...
    >>> settings(bright)
    {'max_mag': 19.0}
    """
    return {p.name: p.default for p in _checked(func) if p.kind not in _COLUMN}


def full_name(func: Callable[..., Any]) -> str:
    """Name a function with its module, as error messages do."""
    return f"{getattr(func, '__module__', '?')}.{getattr(func, '__qualname__', repr(func))}"


def _checked(func: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = list(inspect.signature(func).parameters.values())
    for parameter in parameters:
        if problem := _problem(parameter):
            raise SignatureError(f"{full_name(func)}: {problem}")
    return parameters


def _problem(parameter: inspect.Parameter) -> str | None:
    """Say what is wrong with a parameter, if anything is."""
    if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        return f"parameter {str(parameter)!r} hides which columns are needed; name each of them"
    has_default = parameter.default is not inspect.Parameter.empty
    if parameter.kind in _COLUMN and has_default:
        return (
            f"column {parameter.name!r} has a default; columns come from the alert, "
            "put settings after a bare '*'"
        )
    if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not has_default:
        return f"setting {parameter.name!r} has no default; give it one"
    return None
