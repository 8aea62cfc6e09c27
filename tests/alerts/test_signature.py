"""The signature rule, by functions that keep it and functions that break it."""

from __future__ import annotations

import pytest

from skysift.alerts.signature import SignatureError, required_columns, settings


def kept(stamps, magpsf, drb, *, max_mag=19.0, weights=None):
    """Keep the rule."""


def test_positional_parameters_are_columns_in_their_order():
    assert required_columns(kept) == ("stamps", "magpsf", "drb")


def test_keyword_only_parameters_are_settings_with_their_defaults():
    assert settings(kept) == {"max_mag": 19.0, "weights": None}


def test_positional_only_parameters_are_columns_too():
    def func(magpsf, /, drb):
        pass

    assert required_columns(func) == ("magpsf", "drb")


def takes_any_column(magpsf, *columns):
    """Hide columns."""


def takes_any_setting(magpsf, **options):
    """Hide settings."""


def column_with_default(magpsf, max_mag=19.0):
    """Forget the star."""


def setting_without_default(magpsf, *, max_mag):
    """Forget the default."""


@pytest.mark.parametrize(
    ("func", "named"),
    [
        (takes_any_column, "'*columns'"),
        (takes_any_setting, "'**options'"),
        (column_with_default, "'max_mag'"),
        (setting_without_default, "'max_mag'"),
    ],
)
@pytest.mark.parametrize("reader", [required_columns, settings])
def test_a_broken_signature_is_refused_by_function_and_parameter(func, named, reader):
    with pytest.raises(SignatureError) as error:
        reader(func)
    assert named in str(error.value)
    assert f"{__name__}.{func.__name__}" in str(error.value)
