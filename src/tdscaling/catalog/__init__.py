"""Where tools come from: real MCP servers, API descriptions and tool corpora."""
