"""Judge every file of the corpus in a process of its own, within limits; one JSON line a file on standard output.

The memory is the resident set's maximum, as the kernel counts it (ru_maxrss): what Lambda's limit counts too. Address
space (RLIMIT_AS) would count what is mapped and never touched. Processor seconds are limited by RLIMIT_CPU.
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


def in_a_process_of_its_own(work: Callable[[], object]) -> dict[str, object]:
    """Run something in a fork; give its answer, or what killed it, with megabytes and processor seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        os.close(reading)
        try:
            answer: dict[str, object] = {"answer": work()}
        except BaseException as error:  # noqa: BLE001  whatever it is, it is told
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        with os.fdopen(writing, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status, used = os.wait4(child, 0)
    told = json.loads(text) if text else {"error": f"ended by signal {os.WTERMSIG(status)}"}
    return told | {"megabytes": used.ru_maxrss / 1024, "seconds": used.ru_utime + used.ru_stime}


def main() -> None:
    """Judge all files."""
    for number, file in enumerate(CORPUS):

        def work(number: int = number) -> object:
            verdict = judge(CORPUS[number].body(), CORPUS[number].key)
            return asdict(verdict) | {"tables": [], "order_lines": []}

        sys.stdout.write(json.dumps({"name": file.name} | in_a_process_of_its_own(work)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
