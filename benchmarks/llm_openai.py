"""The `openai` client's part of `benchmarks.llm`, for an interpreter that has it and need not have TDScaling."""

import argparse
import asyncio
import importlib
import json

from benchmarks.llm_load import body, measured


async def asked(url: str, requests: int, in_flight: int) -> dict[str, float]:
    package = importlib.import_module("openai")
    async with package.AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=600.0) as client:
        return await measured(lambda n: client.chat.completions.create(**body(n)), requests, in_flight)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--requests", type=int, required=True)
    parser.add_argument("--in-flight", type=int, required=True)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(asked(given.url, given.requests, given.in_flight))))
