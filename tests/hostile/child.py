"""Judge each file of the corpus in a separate process, within limits; write one JSON line per file.

Memory is the maximum resident set that the kernel reports (ru_maxrss), as in Lambda's limit. Address space (RLIMIT_AS)
would also count memory that is mapped and never used. RLIMIT_CPU limits the processor seconds.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict

from hostile.corpus import CORPUS
from hostile.judgement import judge

CPU_SECONDS = 10


def in_a_separate_process(work: Callable[[], object]) -> dict[str, object]:
    """Run ``work`` in a fork; return its answer or its error, with megabytes and processor seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        os.close(reading)
        try:
            answer: dict[str, object] = {"answer": work()}
        except BaseException as error:  # noqa: BLE001  the parent reports every error
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        with os.fdopen(writing, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status, used = os.wait4(child, 0)
    result = json.loads(text) if text else {"error": f"killed by signal {os.WTERMSIG(status)}"}
    return result | {"megabytes": used.ru_maxrss / 1024, "seconds": used.ru_utime + used.ru_stime}


def main() -> None:
    """Judge all files."""
    for number, file in enumerate(CORPUS):

        def work(number: int = number) -> object:
            verdict = judge(CORPUS[number].body(), CORPUS[number].key)
            return asdict(verdict) | {"tables": [], "order_lines": []}

        sys.stdout.write(json.dumps({"name": file.name} | in_a_separate_process(work)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
