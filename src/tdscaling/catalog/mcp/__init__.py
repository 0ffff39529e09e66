"""Real MCP servers, stdio and streamable HTTP, through the official SDK.

`read_mcp_config` reads the usual client configuration, `connect` owns one connection, `list_tools` asks
several servers at once and names in one line each what is wrong with the others.
"""

from tdscaling.catalog.mcp.connection import Connection, connect
from tdscaling.catalog.mcp.launch import Launch, Launcher, direct_launch
from tdscaling.catalog.mcp.limits import Limits
from tdscaling.catalog.mcp.listing import list_tools, tools_of
from tdscaling.catalog.mcp.spec import ServerSpec, read_mcp_config

__all__ = [
    "Connection",
    "Launch",
    "Launcher",
    "Limits",
    "ServerSpec",
    "connect",
    "direct_launch",
    "list_tools",
    "read_mcp_config",
    "tools_of",
]
