"""A small catalogue for the tests: a shop with an API and servers that publish no outputs."""

from tdscaling.types import JsonValue, Tool


def tool(
    server: str,
    name: str,
    inputs: dict[str, JsonValue] | None = None,
    outputs: dict[str, JsonValue] | None = None,
    *,
    required: tuple[str, ...] = (),
    description: str = "",
) -> Tool:
    """A tool whose inputs and outputs are given as field name → JSON type."""
    return Tool(
        server=server,
        name=name,
        description=description,
        input_schema=schema(inputs or {}, required),
        output_schema=schema(outputs) if outputs is not None else None,
    )


def schema(fields: dict[str, JsonValue], required: tuple[str, ...] = ()) -> dict[str, JsonValue]:
    properties: dict[str, JsonValue] = {
        name: {"type": kind} if isinstance(kind, str) else kind for name, kind in fields.items()
    }
    return {"type": "object", "properties": properties, "required": list(required)}


def listed(name: str, fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """An output that holds a list of records under one name."""
    return {name: {"type": "array", "items": schema(fields)}}


def shop() -> list[Tool]:
    customer: dict[str, JsonValue] = {"id": "string", "email": "string", "status": "string"}
    invoice: dict[str, JsonValue] = {"id": "string", "customer_id": "string", "total": "number"}
    return [
        tool("shop", "create_customer", {"email": "string"}, customer),
        tool("shop", "list_customers", {"limit": "integer"}, listed("data", customer)),
        tool("shop", "get_customer", {"customer_id": "string"}, customer, required=("customer_id",)),
        tool("shop", "delete_customer", {"customer_id": "string"}, {}, required=("customer_id",)),
        tool("shop", "create_invoice", {"customer_id": "string"}, invoice, required=("customer_id",)),
        tool("shop", "list_invoices", {"limit": "integer"}, listed("data", invoice)),
        tool("shop", "pay_invoice", {"invoice_id": "string"}, {"status": "string"}, required=("invoice_id",)),
        tool("shop", "delete_invoice", {"invoice_id": "string"}, {}, required=("invoice_id",)),
    ]


def sheets() -> list[Tool]:
    """A server that publishes no outputs."""
    path: dict[str, JsonValue] = {"filepath": "string"}
    both: dict[str, JsonValue] = {**path, "sheet_name": "string"}
    return [
        tool("sheets", "create_workbook", path, required=("filepath",)),
        tool("sheets", "list_sheets", path, required=("filepath",), description="Returns the names of all sheets."),
        tool("sheets", "read_sheet", both, required=("filepath", "sheet_name")),
        tool("sheets", "write_rows", {**both, "rows": "array"}, required=("filepath", "sheet_name", "rows")),
        tool("sheets", "delete_sheet", both, required=("filepath", "sheet_name")),
    ]
