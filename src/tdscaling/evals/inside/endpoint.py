"""What the scripts of all benchmarks share: the job, the lines they say, and endpoints whose answers are kept."""

import json
import os
import sys
import threading
from hashlib import sha256
from pathlib import Path

from openai import APIError, BadRequestError, OpenAI, UnprocessableEntityError
from openai.types.chat import ChatCompletion

JOB = json.load(sys.stdin)
FOLDER = Path(JOB["folder"])
OUT, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115 the packages print what they do
_SAYING = threading.Lock()


class Dead(BaseException):
    """An endpoint does not answer. No Exception: the packages would take that for a wrong answer."""

    def __init__(self, at, why):
        super().__init__(why)
        self.at = at


def tell(**said):
    with _SAYING:
        OUT.write(json.dumps(said) + "\n")
        OUT.flush()


class Kept:
    """Answers by what was asked, in a file that only grows; a torn last line counts as none."""

    def __init__(self, path):
        self._lock = threading.Lock()
        self._found = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                self._found[row["asked"]] = row["answer"]
        self._file = path.open("a", encoding="utf-8")
        self._file.write("\n")

    def get(self, asked):
        return self._found.get(asked)

    def put(self, asked, answer):
        with self._lock:
            self._found[asked] = answer
            self._file.write(json.dumps({"asked": asked, "answer": answer}) + "\n")
            self._file.flush()


KEPT = Kept(FOLDER / "answers.jsonl")


class Endpoint:
    """An endpoint and a model there, as a part of the job names them."""

    def __init__(self, given):
        self._url, self._given = given["base_url"], given
        self.client = OpenAI(
            base_url=self._url,
            api_key=given["key"] or "none",
            max_retries=given["retries"],
            timeout=given["timeout"],
        )

    def answer(self, asked, where=""):
        """What it answers, asked only where that is not kept. `where` tells apart places that ask the same.

        Raises what openai raises for a request that is refused for itself, Dead for all else.
        """
        asked = {**asked, "model": self._given["model"], "max_tokens": self._given["max_tokens"]}
        words = [self._url, asked, *([where] if where else [])]
        text = json.dumps(words, sort_keys=True, default=lambda one: one.model_dump(mode="json"))
        key = sha256(text.encode()).hexdigest()
        answer = KEPT.get(key)
        if answer is None:
            answer = self._fresh(asked)
            KEPT.put(key, answer)
        usage = answer.get("usage") or {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return {**answer, "usage": usage}

    def _fresh(self, asked):
        try:
            found = self.client.chat.completions.create(**asked)
        except (BadRequestError, UnprocessableEntityError):
            raise
        except APIError as exc:
            raise Dead(self._url, f"{type(exc).__name__}: {exc}") from exc
        answer = found.model_dump(mode="json", warnings=False) if isinstance(found, ChatCompletion) else {}
        if not answer.get("choices") or not answer["choices"][0].get("message"):
            raise Dead(self._url, "it answered with no choice")
        return answer
