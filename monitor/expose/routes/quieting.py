"""`/maintenance` and `/silences`: who may be left in peace, until when, and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from http import HTTPStatus
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.findings import Severity
from monitor.domain.instants import instant
from monitor.domain.maintenance import Window
from monitor.domain.silences import Silence
from monitor.domain.state import FleetSnapshot
from monitor.errors import ReadingError
from monitor.expose.problem import Problem
from monitor.expose.routes.asked import add_asked, asked, done, line
from monitor.expose.views.paging import (
    SilencesView,
    SilenceView,
    WindowsView,
    WindowView,
    silence_view,
    window_view,
)
from monitor.expose.views.view import moment, written

Subject = Annotated[str, Field(min_length=1, max_length=255)]
Identity = Annotated[str, Path(max_length=64)]
Causes = Callable[[], Iterable[str]]
"""Subjects of findings about shared causes, as they are or would be called."""


class Quiets(Protocol):
    """Keeps windows and silences; its coroutines raise OperationError."""

    def windows(self) -> Sequence[Window]: ...
    def silences(self) -> Sequence[Silence]: ...
    async def maintain(self, asked: Window) -> Window: ...
    async def end_window(self, name: str, by: str) -> Window: ...
    async def silence(self, asked: Silence) -> Silence: ...
    async def end_silence(self, name: str, by: str) -> Silence: ...


class _Span(BaseModel):
    model_config = ConfigDict(extra="forbid")

    start: str = Field(default="", max_length=64)
    """RFC 3339 with its zone, or seconds since 1970; now where it is empty."""
    end: str = Field(max_length=64)
    by: str = Field(min_length=1, max_length=100)
    reason: str = Field(default="", max_length=500)


class WindowBody(_Span):
    """A window to open."""

    subjects: list[Subject] = Field(min_length=1, max_length=1_000)
    """Devices, pairs (each stands for its members too), accounts, and shared causes as their
    findings name them: `relay 192.0.2.9`, `ssh credential noc`, a licence server."""


class SilenceBody(_Span):
    """A silence to begin."""

    rule: str = Field(default="", max_length=100)
    subject: str = Field(default="", max_length=255)
    severity: Literal["warning", "critical"] | None = None
    forced: bool = False


class EndBody(BaseModel):
    """Who ends it."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field(min_length=1, max_length=100)


class Quieting:
    """Answers from the notifier."""

    def __init__(
        self, quiets: Quiets, snapshot: Callable[[], FleetSnapshot], causes: Causes
    ) -> None:
        self._quiets = quiets
        self._snapshot = snapshot
        self._causes = causes

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["pages"])
        self._windows(router)
        self._silences(router)
        return router

    def _windows(self, router: APIRouter) -> None:
        path = "/maintenance"
        router.add_api_route(
            path, self.windows, response_model=WindowsView, summary="Maintenance windows"
        )
        add_asked(
            router,
            path,
            self.maintain,
            of=WindowBody,
            view=WindowView,
            summary="Open a maintenance window",
        )
        add_asked(
            router,
            f"{path}/{{name}}/end",
            self.end_window,
            of=EndBody,
            view=WindowView,
            summary="End a maintenance window",
        )

    def _silences(self, router: APIRouter) -> None:
        path = "/silences"
        router.add_api_route(path, self.silences, response_model=SilencesView, summary="Silences")
        add_asked(
            router, path, self.silence, of=SilenceBody, view=SilenceView, summary="Begin a silence"
        )
        add_asked(
            router,
            f"{path}/{{name}}/end",
            self.end_silence,
            of=EndBody,
            view=SilenceView,
            summary="End a silence",
        )

    def windows(self) -> Response:
        """Windows that are open, to come and past, latest end first."""
        now = self._snapshot().now
        found = [window_view(one, now) for one in self._quiets.windows()]
        return written(WindowsView(now=moment(now), maintenance=found))

    async def maintain(self, request: Request) -> Response:
        """Hide warnings of `subjects` from `start` to `end`; never what stops calls."""
        body, now = await asked(request, WindowBody), self._snapshot().now
        window = Window(
            id="",
            subjects=self._subjects(body.subjects),
            start=_moment(body.start, "start") if body.start else now,
            end=_moment(body.end, "end"),
            by=line(body.by),
            reason=line(body.reason),
        )
        request.state.audit = f"{', '.join(window.subjects)} until {line(body.end)}"
        return written(window_view(await done(self._quiets.maintain(window)), now))

    async def end_window(self, request: Request, name: Identity) -> Response:
        """End a window before its time (`by`)."""
        body = await asked(request, EndBody)
        ended = await done(self._quiets.end_window(name, line(body.by)), HTTPStatus.NOT_FOUND)
        return written(window_view(ended, self._snapshot().now))

    def silences(self) -> Response:
        """Silences that hold, are to come and past, latest end first."""
        now = self._snapshot().now
        found = [silence_view(one, now) for one in self._quiets.silences()]
        return written(SilencesView(now=moment(now), silences=found))

    async def silence(self, request: Request) -> Response:
        """Send nothing that matches `rule`, `subject` (with `*`) and `severity` until `end`.

        Critical pages of releases that stop calls are sent all the same, unless `forced`.
        """
        body, now = await asked(request, SilenceBody), self._snapshot().now
        silence = Silence(
            id="",
            start=_moment(body.start, "start") if body.start else now,
            end=_moment(body.end, "end"),
            by=line(body.by),
            reason=line(body.reason),
            rule=line(body.rule),
            subject=line(body.subject),
            severity=Severity[body.severity.upper()] if body.severity else None,
            forced=body.forced,
        )
        matched = (silence.rule, silence.subject, body.severity, "forced" * silence.forced)
        words = ", ".join(word for word in matched if word) or "everything"
        request.state.audit = f"{words} until {line(body.end)}"
        return written(silence_view(await done(self._quiets.silence(silence)), now))

    async def end_silence(self, request: Request, name: Identity) -> Response:
        """End a silence before its time (`by`)."""
        body = await asked(request, EndBody)
        ended = await done(self._quiets.end_silence(name, line(body.by)), HTTPStatus.NOT_FOUND)
        return written(silence_view(ended, self._snapshot().now))

    def _subjects(self, names: Sequence[str]) -> tuple[str, ...]:
        """As findings name them; the members of pairs stand beside the pairs' names."""
        fleet = self._snapshot()
        known = _known(fleet, self._causes())
        found: dict[str, None] = {}
        for name in names:
            meant = known.get(name.casefold())
            if meant is None:
                raise Problem(HTTPStatus.NOT_FOUND, _unknown(name, known))
            found.update(dict.fromkeys(meant))
        return tuple(found)


def _known(fleet: FleetSnapshot, causes: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Name in small letters -> the subjects it stands for."""
    meant: dict[str, list[str]] = {}
    for state in fleet.devices:
        device = state.device
        for name in (*device.aliases, device.title or "", device.id):
            meant[name.casefold()] = [device.id]
    for subject in (*(one.account.name for one in fleet.accounts), *causes):
        meant.setdefault(subject.casefold(), []).append(subject)
    for one in fleet.pairs:
        meant[one.pair.name.casefold()] = [one.pair.name, *one.pair.members]
    return meant


def _unknown(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.casefold(), known, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"no device, pair, account or shared cause is called {name!r}{hint}"


def _moment(text: str, what: str) -> float:
    try:
        return instant(text)
    except ReadingError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"{what}: {error}") from error
