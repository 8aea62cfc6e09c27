"""What a job will do, settled and checked before it starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from skysift.alerts.columns import COLUMNS, SURVEYS, missing
from skysift.filters import Filter
from skysift.filters import discover as discover_filters
from skysift.science_modules import ScienceModule
from skysift.science_modules import discover as discover_modules

SHOWN = ("candid", "objectId", "jd", "ra", "dec", "band", "magpsf", "sigmapsf", "isdiffpos")
"""Columns that every annotated alert has, whatever the modules ask for."""

DERIVED = "derived"


class PlanError(ValueError):
    """What was asked for cannot be done; the message says what, and what to do."""


@dataclass(frozen=True)
class Plan:
    """Modules and filters of a job, for alerts of one survey.

    Attributes
    ----------
    survey : str
        ``ztf`` or ``lsst``.
    modules : tuple of ScienceModule
        In the order in which they must run.
    filters : tuple of Filter
    settings : mapping
        Of each module, the settings that differ from its defaults.
    """

    survey: str
    modules: tuple[ScienceModule, ...]
    filters: tuple[Filter, ...]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Alert columns that are read, the modules' own structs left out."""
        own = {module.name for module in self.modules}
        units: tuple[ScienceModule | Filter, ...] = (*self.modules, *self.filters)
        wanted = [*self._shown(), *(name for unit in units for name in unit.columns)]
        return tuple(dict.fromkeys(name for name in wanted if name not in own))

    @property
    def kept(self) -> dict[str, str]:
        """Columns of an annotated alert with their SQL types, the modules' structs left out."""
        return {
            name: SQL_TYPES.get(COLUMNS[name].kind, "double")
            for name in self.columns
            if COLUMNS[name].kind != DERIVED
        }

    @property
    def structs(self) -> dict[str, dict[str, str]]:
        """Fields of each module's struct with their SQL types."""
        return {
            m.name: {**m.outputs, "status": "string", "version": "string"} for m in self.modules
        }

    @property
    def topics(self) -> dict[str, str]:
        """Topic of each filter."""
        return {f.name: f.topic_for(self.survey) for f in self.filters}

    @property
    def judges(self) -> dict[str, tuple[str, ...]]:
        """Modules that the filter of each topic looks at."""
        return {
            self.topics[f.name]: tuple(name for name in f.columns if name in self.structs)
            for f in self.filters
        }

    @property
    def caps(self) -> dict[str, int]:
        """Most alerts a night, of the topics that have a cap."""
        return {
            self.topics[f.name]: f.max_per_night
            for f in self.filters
            if f.max_per_night is not None
        }

    @property
    def orders(self) -> dict[str, tuple[str, str]]:
        """Module and output that a topic takes the best by, of the topics that do so."""
        orders = {self.topics[f.name]: f.order_by for f in self.filters if f.order_by}
        return {topic: (name.split(".")[0], name.split(".")[1]) for topic, name in orders.items()}

    def check_source(self, offered: Collection[str]) -> None:
        """Refuse a source that lacks what a chosen module or filter needs.

        Parameters
        ----------
        offered : collection of str
            Source paths (``candidate.magpsf``, …) that the source's schema has.

        Raises
        ------
        PlanError
            Naming column and module.
        """
        for unit, kind in self.units():
            own = [name for name in unit.columns if name in COLUMNS]
            for name, looked_for in missing(own, self.survey, offered.__contains__).items():
                raise PlanError(
                    f"{kind} {unit.name} needs column {name!r}, which this source does not have "
                    f"({looked_for}); leave the {kind} out, or give a source with that column"
                )

    def units(self) -> list[tuple[ScienceModule | Filter, str]]:
        """List modules and filters, with the word for what each is."""
        return [(m, "module") for m in self.modules] + [(f, "filter") for f in self.filters]

    def _shown(self) -> list[str]:
        return [name for name in SHOWN if COLUMNS[name].offered_by(self.survey)]


NUMBERS = ("float", "double", "int", "bigint")

SQL_TYPES = {"id": "bigint", "text": "string"}


def make_plan(
    survey: str,
    modules: Sequence[str] | None = None,
    filters: Sequence[str] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> Plan:
    """Settle modules, filters and their order.

    Parameters
    ----------
    survey : str
        ``ztf`` or ``lsst``.
    modules, filters : sequence of str, optional
        Names; by default all that alerts of this survey have the columns for, but modules that
        want to be named. A module that a chosen filter needs comes along.
    settings : mapping, optional
        Settings by module.

    Raises
    ------
    PlanError
        If a name or the survey is unknown, or a module or filter needs a column that the survey
        does not have.
    """
    if survey not in SURVEYS:
        raise PlanError(f"there is no survey {survey!r}; there are: {', '.join(SURVEYS)}")
    known = discover_modules()
    chosen = _choose_modules(survey, modules, filters, known)
    selected = _choose_filters(survey, filters, chosen)
    chosen = _with_needed(chosen, selected, known)
    plan = Plan(survey, tuple(chosen), tuple(selected), settings or {})
    _check_survey(plan)
    _check_orders(plan)
    _check_settings(plan)
    return plan


def _choose_modules(
    survey: str,
    names: Sequence[str] | None,
    filters: Sequence[str] | None,
    known: Mapping[str, ScienceModule],
) -> list[ScienceModule]:
    """Take the modules named; else, unless filters are named, all that the survey can feed.

    Those that say so are left out unless they are named.
    """
    if names is not None:
        return _named(names, known, "module")
    if filters:
        return []
    return [m for m in known.values() if m.default and not _lacking(m, survey, known)]


def _choose_filters(
    survey: str, names: Sequence[str] | None, modules: Iterable[ScienceModule]
) -> list[Filter]:
    """Take the filters named; else all that the survey and the modules can feed."""
    known = discover_filters()
    if names is not None:
        return _named(names, known, "filter")
    structs = {module.name for module in modules}
    return [f for f in known.values() if not _lacking(f, survey, structs)]


def _named(names: Iterable[str], known: Mapping[str, Any], kind: str) -> list[Any]:
    for name in names:
        if name not in known:
            raise PlanError(f"there is no {kind} {name!r}; there are: {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names)]


def _lacking(unit: ScienceModule | Filter, survey: str, structs: Collection[str]) -> list[str]:
    """Columns of a unit that neither the survey nor a module provides."""
    return [
        name
        for name in unit.columns
        if name not in structs and (name not in COLUMNS or not COLUMNS[name].offered_by(survey))
    ]


def _with_needed(
    chosen: list[ScienceModule], filters: list[Filter], known: Mapping[str, ScienceModule]
) -> list[ScienceModule]:
    """Add the modules that others need, and put all in an order that serves each."""
    needs: dict[str, set[str]] = {}
    queue = [c for f in filters for c in f.columns if c in known]
    queue += [module.name for module in reversed(chosen)]
    while queue:
        name = queue.pop()
        if name not in needs:
            needs[name] = {column for column in known[name].columns if column in known}
            queue.extend(needs[name])
    return [known[name] for name in TopologicalSorter(needs).static_order()]


def _check_survey(plan: Plan) -> None:
    """Refuse a module or filter that needs what alerts of the survey do not have."""
    structs = [module.name for module in plan.modules]
    for unit, kind in plan.units():
        for name in _lacking(unit, plan.survey, structs):
            raise PlanError(
                f"{kind} {unit.name} needs column {name!r}, which {plan.survey} alerts do not "
                f"have; leave the {kind} out for this survey"
            )


def _check_orders(plan: Plan) -> None:
    """Refuse to order by what is no number of a module."""
    for topic, (module, output) in plan.orders.items():
        kind = plan.structs[module].get(output)
        if kind not in NUMBERS:
            there = [name for name, sql in plan.structs[module].items() if sql in NUMBERS]
            raise PlanError(
                f"topic {topic} is ordered by {module}.{output}, which is no number that module "
                f"{module} gives; it gives: {', '.join(there)}"
            )


def _check_settings(plan: Plan) -> None:
    modules = {module.name: module for module in plan.modules}
    for name, given in plan.settings.items():
        if name not in modules:
            raise PlanError(f"settings are given for module {name!r}, which is not chosen")
        try:
            modules[name].check_settings(given)
        except ValueError as error:
            raise PlanError(str(error)) from None
