"""The page's server: who is answered, and what."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from normlab.errors import SpecError
from normlab.progress import Desk, Phase, Progress, Site, Switch


@pytest.fixture
def site(progress: Progress) -> Iterator[Site]:
    """Listening on a port that was free."""
    with Site(Desk(progress, Switch())) as site:
        yield site


def ask(site: Site, path: str | None = None, method: str = "GET", **headers: str) -> HTTPResponse:
    """The answer to one request, by default for the page; a path that begins with / replaces the token too."""
    whole = urlsplit(site.address)
    connection = HTTPConnection("127.0.0.1", whole.port or 0, timeout=10)
    connection.request(method, path if (path or "").startswith("/") else whole.path + (path or ""), headers=headers)
    return connection.getresponse()


def test_who_has_the_address_sees_the_page_and_how_far_it_is(site: Site) -> None:
    """Nothing of it may be kept, framed by others or told on."""
    answer = ask(site)
    assert answer.status == 200
    assert b"<title>" in answer.read()
    assert (answer.getheader("Cache-Control"), answer.getheader("Referrer-Policy")) == ("no-store", "no-referrer")
    assert json.loads(ask(site, "state").read())["phase"] == "preparing"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/state",
        "/x/state",
        "/%C3%A9/state",
        "//state",
        "../state",
        "state/",
        "%2e%2e/",
        "report.html",
        "report/../../x",
    ],
)
def test_nobody_else_is_answered(site: Site, path: str) -> None:
    """Without the token, or with a name that is not there."""
    answer = ask(site, path)
    assert (answer.status, answer.read()) == (404, b"")


@pytest.mark.parametrize("host", ["evil.example:{port}", "evil.example", "", "127.0.0.1.evil.example:{port}"])
def test_a_page_from_elsewhere_is_not_answered(site: Site, host: str) -> None:
    """Its own name points to this machine, and stands in what it asks."""
    name = host.format(port=urlsplit(site.address).port)
    assert ask(site, "state", Host=name).status == 404
    assert ask(site, "stop", "POST", Host=name).status == 404
    assert not site.desk.switch.stopped()


def test_buttons_are_pressed_and_addresses_only_read(site: Site) -> None:
    """A link cannot stop a study."""
    assert ask(site, "stop").status == 404
    assert json.loads(ask(site, "stop", "POST").read())["stopping"]
    assert site.desk.switch.stopped()
    assert not json.loads(ask(site, "continue", "POST").read())["stopping"]
    assert not site.desk.switch.stopped()


def test_it_listens_on_the_loopback_interface_alone(site: Site) -> None:
    """No other address of this machine is answered on the port."""
    port = urlsplit(site.address).port
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port or 0), timeout=5):  # noqa: PT011 - refused
        pass


def test_a_port_that_is_taken_is_said_with_the_way_out(site: Site) -> None:
    """Before anything is trained."""
    port = urlsplit(site.address).port or 0
    with pytest.raises(SpecError, match=f"cannot listen on port {port}: address already in use; name another"):
        Site(site.desk, port)


def test_the_report_is_there_once_it_is_written(site: Site, tmp_path: Path) -> None:
    """A page that is gone is one that is not there."""
    assert ask(site, "report").status == 404
    page = tmp_path / "report.html"
    page.write_text("<p>so far")
    site.desk.progress.enter(Phase.training, report=page)
    assert ask(site, "report").read() == b"<p>so far"
    page.unlink()
    assert ask(site, "report").status == 404


def test_a_client_that_says_nothing_keeps_nobody_waiting(site: Site) -> None:
    """Others are answered meanwhile."""
    with socket.create_connection(("127.0.0.1", urlsplit(site.address).port or 0)):
        assert ask(site, "state").status == 200
