"""The server of the pages: on the loopback alone, for whoever asks it by a name of this machine."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from tdscaling.errors import ConfigError, StoreError
from tdscaling.store import browse_run
from tdscaling.viewer.pages import NotThereError, listing, showing, whole, wrong

HERE = "127.0.0.1"
OURS = frozenset({HERE, "localhost"})
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def viewing(folder: Path, port: int = 0) -> AsyncGenerator[str]:
    """Pages over the run in `folder` at the address that it gives, as long as the block goes on. Port 0: any that is
    free. Nothing is written into the run, which may be under way.

    Raises StoreError where there is no run, ConfigError where the port is taken.
    """
    browse_run(folder).close()
    app = web.Application(middlewares=[_guarded])
    app.router.add_get("/", _page(lambda request: listing(folder, request.query)))
    app.router.add_get(
        "/item/{item:[0-9a-z]+}", _page(lambda request: showing(folder, request.match_info["item"], request.query))
    )
    app.router.add_get(
        "/item/{item:[0-9a-z]+}.json",
        _page(lambda request: whole(folder, request.match_info["item"]), "application/json"),
    )
    style = (files("tdscaling.viewer") / "templates" / "style.css").read_text(encoding="utf-8")
    app.router.add_get("/style.css", _page(lambda request: style, "text/css"))
    with closing(_listening(port)) as listener:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            yield f"http://{HERE}:{listener.getsockname()[1]}"
        finally:
            await runner.cleanup()


def _listening(port: int) -> socket.socket:
    try:
        return socket.create_server((HERE, port))
    except OSError as exc:
        raise ConfigError(f"port {port} can't be listened at ({exc.strerror}): name another with --port") from exc


def _page(made: Callable[[web.Request], str], kind: str = "text/html") -> Handler:
    """What answers with the text that is made of a request, in a thread, since a run is read meanwhile."""

    async def handler(request: web.Request) -> web.StreamResponse:
        return _answer(await asyncio.to_thread(made, request), kind=kind)

    return handler


def _answer(text: str, status: int = 200, kind: str = "text/html") -> web.Response:
    return web.Response(body=text.encode("utf-8", "replace"), status=status, content_type=kind, charset="utf-8")


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses who asks by another name, as a page elsewhere does that has its own name point here, and says in one
    line what is wrong."""
    if (request.url.host or "") not in OURS:
        answer = _answer(wrong(f"ask for {HERE} or localhost: these pages are for this machine alone"), 403)
    else:
        try:
            answer = await handler(request)
        except web.HTTPException as exc:
            answer = _answer(wrong(f"there is no such page ({exc.reason})"), exc.status)
        except NotThereError as exc:
            answer = _answer(wrong(str(exc)), 404)
        except StoreError as exc:
            answer = _answer(wrong(str(exc)), 503)
    answer.headers.update(HEADERS)
    return answer
