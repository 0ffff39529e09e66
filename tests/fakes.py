"""Two small services in memory behind `Session` and `Environment`: a stock room, and a courier that collects.

`stock` lists, searches, shows, creates, changes and deletes items; `courier` knows depots and books pickups. Results
come in the shapes that real servers use: JSON, `key: value` records, bullets, columns, plain sentences.
"""

import json
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeAlias

from tdscaling.errors import ServerError
from tdscaling.types import Cluster, JsonObject, JsonValue, Snapshot, Tool, ToolKey, ToolResult

Record: TypeAlias = dict[str, JsonValue]
Arguments: TypeAlias = Mapping[str, Any]

TITLES = (
    "Oak Shelf", "Desk Lamp", "Wool Blanket", "Steel Kettle", "Garden Hose", "Paper Tray", "Leather Stool",
    "Copper Pan", "Linen Curtain", "Cork Board", "Bamboo Rack", "Canvas Bag", "Brass Hinge", "Cotton Towel",
)  # fmt: skip
SHELVES = ("north-wall", "south-wall", "cellar-rack", "loading-bay")
DEPOTS = ("harbour-depot", "airport-depot", "station-depot", "market-depot")


class NotThereError(Exception):
    """What a tool of the fakes says when it can't serve a call."""


@dataclass
class State:
    """What a world holds: items by sku, pickups by number."""

    items: dict[str, Record]
    pickups: dict[str, Record] = field(default_factory=dict[str, Record])

    @classmethod
    def of(cls, world: int) -> "State":
        """The initial state of a world: nine items, other ones and elsewhere in each world."""
        rng = Random(f"world {world}")
        items: dict[str, Record] = {}
        for number, title in enumerate(rng.sample(TITLES, 9)):
            items[sku_of(title)] = {
                "sku": sku_of(title),
                "title": title,
                "shelf": SHELVES[number % len(SHELVES)],
                "price": rng.randint(105, 990),
                "stock": rng.randint(120, 480),
            }
        return cls(items)

    def item(self, sku: str) -> Record:
        if sku not in self.items:
            raise NotThereError(f"Error: unknown item {sku!r}")
        return self.items[sku]

    def leaves(self) -> dict[str, str]:
        found = {f"stock/items/{sku}": json.dumps(item, sort_keys=True) for sku, item in self.items.items()}
        found |= {f"courier/pickups/{number}": json.dumps(one, sort_keys=True) for number, one in self.pickups.items()}
        return dict(sorted(found.items()))


def sku_of(title: str) -> str:
    return title.lower().replace(" ", "-")


def _shelf(name: str) -> str:
    if name not in SHELVES:
        raise NotThereError(f"Error: there is no shelf {name!r}")
    return name


def list_items(state: State, _: Arguments) -> str:
    return json.dumps([{"sku": item["sku"], "title": item["title"]} for item in state.items.values()])


def get_item(state: State, given: Arguments) -> str:
    return json.dumps(state.item(given["sku"]))


def search_items(state: State, given: Arguments) -> str:
    query = str(given["query"]).lower()
    found = [item for item in state.items.values() if query in f"{item['title']} {item['shelf']}".lower()]
    return "\n".join(f"- {item['title']}" for item in found) or "No items found"


def list_shelves(state: State, _: Arguments) -> str:
    counts = {shelf: sum(item["shelf"] == shelf for item in state.items.values()) for shelf in SHELVES}
    return "\n\n".join(f"Shelf: {shelf}\nItems: {count}" for shelf, count in counts.items())


def shelf_contents(state: State, given: Arguments) -> str:
    shelf = _shelf(given["shelf"])
    rows = [item for item in state.items.values() if item["shelf"] == shelf]
    return "\n".join(f"{item['title']} | stock={item['stock']} | {item['price']}" for item in rows) or "No items"


def create_item(state: State, given: Arguments) -> str:
    if given["sku"] in state.items:
        raise NotThereError(f"Error: {given['sku']!r} exists already")
    state.items[given["sku"]] = {
        "sku": given["sku"],
        "title": given.get("title", given["sku"].replace("-", " ").title()),
        "shelf": "loading-bay",
        "price": given.get("price", 100),
        "stock": 0,
    }
    return f"Created {given['sku']}."


def move_item(state: State, given: Arguments) -> str:
    item = state.item(given["sku"])
    item["shelf"] = _shelf(given["shelf"])
    return f"Moved {given['sku']} to {given['shelf']}."


def set_price(state: State, given: Arguments) -> str:
    state.item(given["sku"])["price"] = given["price"]
    return f"The price of {given['sku']} is {given['price']} now."


def delete_item(state: State, given: Arguments) -> str:
    state.item(given["sku"])
    del state.items[given["sku"]]
    return f"Deleted {given['sku']}."


def list_depots(_: State, __: Arguments) -> str:
    return "\n".join(f"* {depot}" for depot in DEPOTS)


def depot_hours(_: State, given: Arguments) -> str:
    if given["depot"] not in DEPOTS:
        raise NotThereError(f"Error: no depot named {given['depot']!r}")
    opening = 6 + DEPOTS.index(given["depot"])
    return f"Opens: {opening:02}:30\nCloses: {opening + 9}:00\nManager: {given['depot'].partition('-')[0].title()} Desk"


def book_pickup(state: State, given: Arguments) -> str:
    if given["depot"] not in DEPOTS:
        raise NotThereError(f"Error: no depot named {given['depot']!r}")
    number = f"P{len(state.pickups) + 1001}"
    state.pickups[number] = {"depot": given["depot"], "note": given["note"]}
    return json.dumps({"pickup": number, "depot": given["depot"]})


Handler: TypeAlias = Callable[[State, Arguments], str]
HANDLERS: dict[ToolKey, Handler] = {
    ToolKey("stock", "list_items"): list_items,
    ToolKey("stock", "get_item"): get_item,
    ToolKey("stock", "search_items"): search_items,
    ToolKey("stock", "list_shelves"): list_shelves,
    ToolKey("stock", "shelf_contents"): shelf_contents,
    ToolKey("stock", "create_item"): create_item,
    ToolKey("stock", "move_item"): move_item,
    ToolKey("stock", "set_price"): set_price,
    ToolKey("stock", "delete_item"): delete_item,
    ToolKey("courier", "list_depots"): list_depots,
    ToolKey("courier", "depot_hours"): depot_hours,
    ToolKey("courier", "book_pickup"): book_pickup,
}
_READ: JsonObject = {"readOnlyHint": True}
_WRITE: JsonObject = {"readOnlyHint": False, "destructiveHint": False}
_DESTROY: JsonObject = {"readOnlyHint": False, "destructiveHint": True}
_TEXT: JsonObject = {"type": "string"}


def _tool(server: str, name: str, description: str, annotations: JsonObject, /, **takes: JsonObject) -> Tool:
    needed = [parameter for parameter, schema in takes.items() if "default" not in schema]
    schema: JsonObject = {"type": "object", "properties": takes, "required": needed, "additionalProperties": False}
    return Tool(
        server=server, name=name, description=description, input_schema=schema, annotations=annotations, source="fake"
    )


TOOLS: tuple[Tool, ...] = (
    _tool("stock", "list_items", "List the items in stock", _READ),
    _tool("stock", "get_item", "Show one item with its shelf and price", _READ, sku=_TEXT),
    _tool("stock", "search_items", "Search the titles of items", _READ, query=_TEXT),
    _tool("stock", "list_shelves", "List the shelves of the store", _READ),
    _tool("stock", "shelf_contents", "Show what lies on a shelf", _READ, shelf=_TEXT),
    _tool("stock", "create_item", "Create a new item", _WRITE, sku=_TEXT,
          price={"type": "integer", "default": 100}),
    _tool("stock", "move_item", "Move an item to another shelf", _WRITE, sku=_TEXT, shelf=_TEXT),
    _tool("stock", "set_price", "Set the price of an item", _WRITE, sku=_TEXT,
          price={"type": "integer", "minimum": 110, "maximum": 900}),
    _tool("stock", "delete_item", "Delete an item", _DESTROY, sku=_TEXT),
    _tool("courier", "list_depots", "List the depots of the courier", _READ),
    _tool("courier", "depot_hours", "Show when a depot opens", _READ, depot=_TEXT),
    _tool("courier", "book_pickup", "Book a pickup at a depot", _WRITE, depot=_TEXT, note=_TEXT),
)  # fmt: skip
BY_KEY: Mapping[ToolKey, Tool] = {tool.key: tool for tool in TOOLS}


def cluster(*servers: str) -> Cluster:
    """All tools of these servers (of `stock` where none is named) as a cluster."""
    names = servers or ("stock",)
    keys = tuple(tool.key for tool in TOOLS if tool.server in names)
    return Cluster(
        id="+".join(names), name=" and ".join(names), domain="retail", kind="service", tools=keys, edges=(), order=keys
    )


class FakeSession:
    """A `Session` over a state of its own. What a call lacks is said in an error result."""

    def __init__(self, servers: Collection[str], state: State, faults: Mapping[ToolKey, str]) -> None:
        self._servers = servers
        self._state = state
        self._faults = faults
        self.calls: list[tuple[ToolKey, JsonObject]] = []
        self.closed = False

    @property
    def tools(self) -> Sequence[Tool]:
        return [tool for tool in TOOLS if tool.server in self._servers]

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult:
        assert not self.closed, "a call on a closed session"
        self.calls.append((key, arguments))
        if key in self._faults:
            return ToolResult(content=f"{key} gave no answer", is_error=True, fault=self._faults[key])
        if key.server not in self._servers or key not in HANDLERS:
            return ToolResult(content=f"Unknown tool: {key.name}", is_error=True)
        try:
            return ToolResult(content=HANDLERS[key](self._state, arguments))
        except NotThereError as exc:
            return ToolResult(content=str(exc), is_error=True)
        except KeyError as exc:
            return ToolResult(content=f"Error: missing argument {exc}", is_error=True)

    async def snapshot(self) -> Snapshot:
        return Snapshot(self._state.leaves())

    async def paths(self) -> Sequence[str]:
        return ()


@dataclass
class FakeEnvironment:
    """An `Environment` of these services.

    `faults`: tools whose calls end in a server fault, by kind ("timeout"); `broken`: servers that don't start.
    `opened` counts sessions, `open` those not closed.
    """

    worlds: int = 2
    faults: Mapping[ToolKey, str] = field(default_factory=dict[ToolKey, str])
    broken: Collection[str] = ()
    opened: int = 0
    open: int = 0

    @asynccontextmanager
    async def session(self, servers: Sequence[str], world: int) -> AsyncGenerator[FakeSession]:
        for server in servers:
            if server in self.broken:
                raise ServerError(f"server {server!r} did not start")
        session = FakeSession(frozenset(servers), State.of(world), self.faults)
        self.opened += 1
        self.open += 1
        try:
            yield session
        finally:
            session.closed = True
            self.open -= 1

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        return {"kind": "fake", "servers": list(servers), "world": world}
