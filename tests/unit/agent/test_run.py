"""The parts of `linjevakt-agent run` side by side: one that fails is started again, and takes no other with it."""

import asyncio
import logging
import os
import signal
from pathlib import Path

import pytest

from linjevakt_agent.run import keep_running, main


def test_a_part_that_fails_is_reported_and_started_again_while_the_others_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    starts: list[str] = []

    async def failing(_root: Path) -> None:
        starts.append("failing")
        raise ZeroDivisionError

    async def steady(_root: Path) -> None:
        starts.append("steady")
        await asyncio.Event().wait()

    async def both() -> None:
        parts = (("failing", failing), ("steady", steady))
        tasks = [asyncio.create_task(keep_running(name, part, tmp_path, 0.01)) for name, part in parts]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in tasks)
        for task in tasks:
            task.cancel()

    asyncio.run(both())
    assert starts.count("steady") == 1
    assert 3 <= starts.count("failing") <= 5, "the pause grows"
    assert "failing failed" in caplog.text


def test_a_missing_file_is_one_line_in_the_log_and_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def misses(root: Path) -> None:
        (root / "agent.toml").read_bytes()

    async def once() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(keep_running("probes", misses, tmp_path, 10), 0.1)

    asyncio.run(once())
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is None
    assert "probes: [Errno 2] No such file or directory" in record.getMessage()


def test_sigterm_ends_every_part_cleanly(tmp_path: Path) -> None:
    ended: list[str] = []

    async def part(_root: Path) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            ended.append("cleanly")

    main(tmp_path, {"lines": part, "snmp": part})
    assert ended == ["cleanly", "cleanly"]
