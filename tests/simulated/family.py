"""A family of made-up services: names, id types, paging and output schemas vary; the life of an entity does not."""

from dataclasses import dataclass

from hypothesis import strategies as st

from tdscaling.types import JsonObject, JsonValue, Tool

SERVER = "desk"
IDS: dict[str, dict[str, JsonValue]] = {
    "integer": {"type": "integer"},
    "uuid": {"type": "string", "format": "uuid"},
    "text": {"type": "string"},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}[0-9]{4}$", "minLength": 7, "maxLength": 7},
}


@dataclass(frozen=True)
class Style:
    entity: str
    identifier: str
    pages: str
    outputs: bool
    camel: bool


@st.composite
def styles(draw: st.DrawFn) -> Style:
    return Style(
        draw(st.sampled_from(("ticket", "purchase_order", "invoice", "company", "bus"))),
        draw(st.sampled_from(sorted(IDS))),
        draw(st.sampled_from(("none", "cursor", "offset", "page"))),
        draw(st.booleans()),
        draw(st.booleans()),
    )


def tools(style: Style) -> list[Tool]:
    """A customer with two tools and an entity of theirs with eight."""
    one, many = style.entity, f"{style.entity}s"
    key = IDS[style.identifier]
    body: dict[str, JsonValue] = {
        "title": {"type": "string"},
        "customer_id": {"type": "string"},
        "amount": {"type": "number", "minimum": 0},
        "status": {"type": "string", "enum": ["open", "paid", "closed"]},
    }
    record: dict[str, JsonValue] = {"id": key, **body, "created_at": {"type": "string", "format": "date-time"}}
    shape: JsonObject = {"type": "object", "properties": record, "required": ["id", "title"]}
    paging: dict[str, dict[str, JsonValue]] = {
        "none": {},
        "cursor": {"limit": {"type": "integer"}, "cursor": {"type": "string"}},
        "offset": {"limit": {"type": "integer"}, "offset": {"type": "integer"}},
        "page": {"per_page": {"type": "integer"}, "page": {"type": "integer", "default": 1}},
    }
    listing: JsonObject = {
        "type": "object",
        "properties": {many: {"type": "array", "items": shape}, "total": {"type": "integer"}},
        "required": [many],
    }
    key_name = f"{one}_id"
    filters = {"status": body["status"], "customer_id": body["customer_id"], "query": {"type": "string"}}
    made = [
        ("list_customers", {}, [], None),
        ("create_customer", {"name": {"type": "string"}, "email": {"type": "string"}}, ["name"], None),
        (f"list_{many}", {**filters, **paging[style.pages], "sort_by": {"type": "string"}}, [], listing),
        (f"get_{one}", {key_name: key}, [key_name], shape),
        (f"create_{one}", body, ["title", "customer_id"], shape),
        (f"update_{one}", {key_name: key, **body}, [key_name], shape),
        (f"delete_{one}", {key_name: key}, [key_name], None),
        (f"close_{one}", {key_name: key}, [key_name], shape),
        (f"reopen_{one}", {key_name: key}, [key_name], shape),
    ]
    return [_tool(style, name, properties, needed, output) for name, properties, needed, output in made]


def _tool(
    style: Style, name: str, properties: dict[str, JsonValue], needed: list[str], output: JsonObject | None
) -> Tool:
    parts = name.split("_")
    spelt = parts[0] + "".join(part.title() for part in parts[1:]) if style.camel else name
    schema: JsonObject = {"type": "object", "properties": properties, "required": needed}
    return Tool(server=SERVER, name=spelt, input_schema=schema, output_schema=output if style.outputs else None)


DESK = Style("ticket", "integer", "cursor", True, False)
