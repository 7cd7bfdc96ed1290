"""`python -m bench [QUESTION …]`: each question in a process and on a database of its own; a JSON line a figure.

DATABASE_URL and REDIS_URL say where the servers are: `make bench` starts some for it. Only a run of all questions
rewrites the table in README.md.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg

from bench import environment, figures

QUESTIONS = (
    "pages",
    "second_step",
    "server",
    "memory",
    "weight",
    "buffers",
    "codes",
    "bulk_drain",
    "issuing",
    "timing",
    "roster",
    "staff_lists",
    "staff_trail",
)


def main(asked: list[str]) -> int:
    if asked[:1] == ["--answer"]:
        return answer(asked[1])
    lines: list[str] = []
    failed = [question for question in asked or QUESTIONS if not ask(question, lines)]
    figures.keep(lines)
    if not asked and not failed:
        figures.write_table()
    for question in failed:
        print(f"{question}: no answer", file=sys.stderr)
    return 1 if failed else 0


def ask(question: str, lines: list[str]) -> bool:
    """Runs one question and gathers its lines; whether it came to its end."""
    command = [sys.executable, "-m", "bench", "--answer", question]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=figures.ROOT) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    return process.returncode == 0


def answer(question: str) -> int:
    """In the question's own process: a fresh database, Django, the figures."""
    database = f"bench_{question}"
    url = urlsplit(os.environ["DATABASE_URL"])
    server = url._replace(path="/postgres").geturl()
    drop = f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(f'CREATE DATABASE "{database}"')
    with environment.prepared(url._replace(path=f"/{database}").geturl()):
        for figure in importlib.import_module(f"bench.{question}").measure():
            print(figure.line(), flush=True)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(drop)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
