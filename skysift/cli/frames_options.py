"""The options that ``skysift frames run`` and ``watch`` share: how frames are searched."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from skysift.cli import choices
from skysift.frames.tidy import Cleanup

if TYPE_CHECKING:
    from skysift.frames.opening import FramesOptions
    from skysift.frames.pipeline import Sink

NO_ARCHIVE = "none"


def job_options(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder that gets a folder a night.")
    ] = Path("comets"),
    data: Annotated[
        Path, typer.Option("--data", help="Folder of frames; what is fetched is put into it.")
    ] = Path("frames"),
    survey: Annotated[
        str | None,
        typer.Option(
            "--survey",
            metavar="URL",
            help="Archive to fetch from, or none. Default: ZTF's, for frames that are named.",
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option("--threshold", help="Least score, between 0 and 1.")
    ] = 0.5,
    weights: Annotated[
        Path | None, typer.Option("--weights", help="Weights of tails. Default: what ships.")
    ] = None,
    align: Annotated[
        str, typer.Option("--align", help="What aligns references: reproject, or swarp.")
    ] = "reproject",
    comets: Annotated[
        Path | None,
        typer.Option("--comets", metavar="FILE", help="Orbits: the MPC's CometEls.txt."),
    ] = None,
    mpcorb: Annotated[
        Path | None, typer.Option("--mpcorb", metavar="FILE", help="Orbits: the MPC's MPCORB.DAT.")
    ] = None,
    online: Annotated[
        str | None,
        typer.Option("--online", metavar="NAMES", help="Services to ask, by comma: mpc, skybot."),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="Write ADES reports, with the head in this TOML file."
        ),
    ] = None,
    kafka: Annotated[
        str | None,
        typer.Option(
            "--kafka", metavar="SERVERS", help="Send detections to topic skysift_comets_ztf."
        ),
    ] = None,
    kafka_security: choices.KafkaSecurityFile = None,
    post: Annotated[
        str | None,
        typer.Option("--post", metavar="URL", help="Post detections to this SkyPortal."),
    ] = None,
    group: Annotated[
        int | None, typer.Option("--group", min=1, help="SkyPortal's group that sees them.")
    ] = None,
    filter_id: Annotated[
        int | None, typer.Option("--filter", min=1, help="SkyPortal's filter that they passed.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(help="File with SkyPortal's token; else SKYPORTAL_TOKEN.")
    ] = None,
    cleanup: Annotated[
        Cleanup,
        typer.Option("--cleanup", help="Files of frames to delete when they are done."),
    ] = Cleanup.NONE,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Frames at a time. Default: by cores and memory."),
    ] = None,
    memory: Annotated[
        float, typer.Option("--memory", min=1.0, help="What a worker may use at most [GiB].")
    ] = 4.0,
) -> FramesOptions:
    """Settle how frames are searched.

    Raises
    ------
    ValueError
        If options do not go together.
    """
    from skysift.frames.opening import FramesOptions
    from skysift.frames.search import SearchSettings

    sinks: list[Sink] = []
    if kafka is not None:
        from skysift.frames.topic import CometTopic

        sinks.append(CometTopic(kafka, choices.kafka_security(kafka_security)))
    if post is not None:
        sinks.append(_skyportal(post, group, filter_id, token_file, threshold))
    return FramesOptions(
        output=output,
        data=data,
        archive=survey,
        settings=SearchSettings(threshold=threshold, aligner=align),
        weights=weights.absolute() if weights else None,
        orbits=[path for path in (comets, mpcorb) if path],
        services=choices.names(online) or [],
        report=report,
        sinks=sinks,
        cleanup=cleanup,
        workers=workers,
        memory=memory,
    )


def _skyportal(
    server: str, group: int | None, filter_id: int | None, token: Path | None, least: float
) -> Sink:
    from skysift.adapters.skyportal.client import Client
    from skysift.adapters.skyportal.token import read_token
    from skysift.frames.posting import Choice
    from skysift.frames.skyportal_sink import SkyPortalSink

    if group is None or filter_id is None:
        raise ValueError("--post needs --group and --filter: ids of SkyPortal's group and filter")
    client = Client(server, read_token(token))
    return SkyPortalSink(client, group, filter_id, Choice(min_score=least))


def with_job_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `job_options`; it gets their answer as `job`."""
    own = _parameters(command)
    shared = _parameters(job_options)
    del own["job"]

    @functools.wraps(command)
    def both(**given: Any) -> None:
        job = job_options(**{name: given.pop(name) for name in shared})
        command(**given, job=job)

    parameters = [*own.values(), *shared.values()]
    both.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    both.__annotations__ = {one.name: one.annotation for one in parameters}
    return both


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """Parameters with their annotations as types; those of the type checker are not needed."""
    hints = get_type_hints(function, localns={"FramesOptions": object}, include_extras=True)
    return {
        name: one.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, one in inspect.signature(function).parameters.items()
    }
