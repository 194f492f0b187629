"""`/pages`, `/notices`, `/channels`: what people are told, and what they say to it."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Annotated, Literal, Protocol

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.page import (
    ChannelStatus,
    Mark,
    Notice,
    NoticeState,
    PageFigures,
    PageRecord,
)
from monitor.domain.state import FleetSnapshot
from monitor.expose.routes.asked import add_asked, asked, done, line
from monitor.expose.routes.asking import Limit, Name, Offset
from monitor.expose.views.paging import (
    ChannelsView,
    FiguresView,
    NoticesView,
    PagesView,
    PageView,
    TestedView,
    TestsView,
    channel_view,
    figures_view,
    notice_view,
    page_view,
)
from monitor.expose.views.view import moment, written


class Outbox(Protocol):
    """What was and will be told; called in worker threads, raises StoreError."""

    def open_pages(self) -> Sequence[PageRecord]: ...
    def pages(self, *, limit: int, offset: int) -> tuple[int, Sequence[PageRecord]]: ...
    def notices(
        self, *, channel: str | None, state: NoticeState | None, limit: int, offset: int
    ) -> tuple[int, Sequence[Notice]]: ...


class Tells(Protocol):
    """The notifier. Its coroutines raise OperationError where something cannot be done."""

    def channels(self) -> Sequence[ChannelStatus]: ...
    def figures(self, devices: int) -> PageFigures: ...
    async def acknowledge(self, number: int, by: str) -> PageRecord: ...
    async def mark(self, number: int, mark: Mark, by: str, reason: str) -> PageRecord: ...
    async def test(self, name: str) -> str: ...


class TakenBody(BaseModel):
    """Who takes a page."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field(min_length=1, max_length=100)


class MarkBody(TakenBody):
    """What a page was."""

    mark: Mark
    reason: str = Field(default="", max_length=500)


class TestBody(BaseModel):
    """Which channel is tested."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(default="", max_length=64)
    """All of them where it is empty."""


Number = Annotated[int, Path(ge=1, le=2**62)]


class Pages:
    """Answers from the store and the notifier."""

    def __init__(self, outbox: Outbox, tells: Tells, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._outbox = outbox
        self._tells = tells
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["pages"])
        router.add_api_route(
            "/pages", self.pages, response_model=PagesView, summary="What people are told of"
        )
        router.add_api_route(
            "/notices", self.notices, response_model=NoticesView, summary="What channels were told"
        )
        router.add_api_route(
            "/channels", self.channels, response_model=ChannelsView, summary="How channels stand"
        )
        self._writing(router)
        return router

    def _writing(self, router: APIRouter) -> None:
        add_asked(
            router,
            "/pages/{number}/acknowledge",
            self.acknowledge,
            of=TakenBody,
            view=PageView,
            summary="Take a page",
        )
        add_asked(
            router,
            "/pages/{number}/mark",
            self.mark,
            of=MarkBody,
            view=PageView,
            summary="Say what a page was",
        )
        add_asked(
            router, "/channels/test", self.test, of=TestBody, view=TestsView, summary="Send a test"
        )

    def pages(
        self,
        which: Annotated[Literal["open", "all"], Query(description="Open ones only?")] = "open",
        limit: Limit = 1_000,
        offset: Offset = 0,
    ) -> Response:
        """Pages, newest first, with what was said to them and the count of false ones."""
        if which == "all":
            total, records = self._outbox.pages(limit=limit, offset=offset)
        else:
            found = list(reversed(self._outbox.open_pages()))
            total, records = len(found), found[offset : offset + limit]
        return written(
            PagesView(
                now=moment(self._snapshot().now),
                total=total,
                offset=offset,
                pages=[page_view(one) for one in records],
                figures=self._figures(),
            )
        )

    def notices(
        self,
        channel: Name = None,
        state: Annotated[NoticeState | None, Query(description="Only those in this state.")] = None,
        limit: Limit = 1_000,
        offset: Offset = 0,
    ) -> Response:
        """What was sent, waits, was refused, or would have been sent (shadow), newest first."""
        total, found = self._outbox.notices(
            channel=channel, state=state, limit=limit, offset=offset
        )
        return written(
            NoticesView(total=total, offset=offset, notices=[notice_view(one) for one in found])
        )

    def channels(self) -> Response:
        """Channels: whether they take pages, and how many wait."""
        return written(
            ChannelsView(
                channels=[channel_view(one) for one in self._tells.channels()],
                figures=self._figures(),
            )
        )

    async def acknowledge(self, request: Request, number: Number) -> Response:
        """Somebody takes a page (`by`): it is not escalated. The first one stays."""
        body = await asked(request, TakenBody)
        doing = self._tells.acknowledge(number, line(body.by))
        return written(page_view(await done(doing, HTTPStatus.NOT_FOUND)))

    async def mark(self, request: Request, number: Number) -> Response:
        """Say afterwards whether a page was `false` or `real` (`mark`), `by` whom, `reason`."""
        body = await asked(request, MarkBody)
        request.state.audit = str(body.mark.value)
        doing = self._tells.mark(number, body.mark, line(body.by), line(body.reason))
        return written(page_view(await done(doing, HTTPStatus.NOT_FOUND)))

    async def test(self, request: Request) -> Response:
        """Send a test and its end to one channel, or to all; says whether each took it."""
        body = await asked(request, TestBody)
        names = [body.channel] if body.channel else [one.name for one in self._tells.channels()]
        request.state.audit = ", ".join(names)
        answers = [await done(self._tells.test(name), HTTPStatus.NOT_FOUND) for name in names]
        tests = [
            TestedView(channel=name, taken=not error, error=error)
            for name, error in zip(names, answers, strict=True)
        ]
        return written(TestsView(tests=tests))

    def _figures(self) -> FiguresView:
        return figures_view(self._tells.figures(len(self._snapshot().devices)))
