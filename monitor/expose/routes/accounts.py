"""`/accounts`: virtual accounts and what is left of their licences."""

from collections.abc import Callable

from fastapi import APIRouter, Response

from monitor.domain.state import FleetSnapshot
from monitor.expose.views.account import AccountsView, account_view
from monitor.expose.views.view import moment, written


class Accounts:
    """Answers from the newest snapshot."""

    def __init__(self, snapshot: Callable[[], FleetSnapshot]) -> None:
        self._snapshot = snapshot

    def router(self) -> APIRouter:
        """Its routes."""
        router = APIRouter(tags=["usage"])
        router.add_api_route("/accounts", self.all, response_model=AccountsView, summary="Balances")
        return router

    def all(self) -> Response:
        """Purchased, in use and balance by account and tag."""
        fleet = self._snapshot()
        accounts = [account_view(state) for state in fleet.accounts]
        return written(AccountsView(now=moment(fleet.now), accounts=accounts))
