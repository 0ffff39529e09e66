"""A real MCP server with one tool, for tests; needs no SDK."""

import json
import sys

TOOL = {
    "name": "greet",
    "description": "Says hello.",
    "inputSchema": {"type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]},
    "annotations": {"readOnlyHint": True},
}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        answers = {
            "initialize": {
                "protocolVersion": message.get("params", {}).get("protocolVersion", ""),
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "small", "version": "1"},
            },
            "tools/list": {"tools": [TOOL]},
        }
        answer = {"jsonrpc": "2.0", "id": message["id"]}
        if message["method"] in answers:
            answer["result"] = answers[message["method"]]
        else:
            answer["error"] = {"code": -32601, "message": "Method not found"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
