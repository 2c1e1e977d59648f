"""Output that cannot be written has a status of its own, and a file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import click
import pytest

from code_contract import default_path
from code_contract_cli import output
from code_contract_cli.main import run
from contract_tests.reports import writers
from tests.paths import ROOT

COMMAND = [sys.executable, "-m", "code_contract_cli"]
COMMANDS = {
    "check": ["check", "--samples", "2", "--only", "answer-arrives"],
    "clauses": ["clauses"],
    "docs": ["docs"],
    "diff": ["diff", str(default_path())],
    "help": ["--help"],
    "version": ["--version"],
}
posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX files and shells")


def shell(arguments: list[str], redirection: str) -> subprocess.CompletedProcess[str]:
    line = ["sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, *arguments]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60)


@posix
@pytest.mark.parametrize("redirection", [">&-", ">/dev/full", ">&- 2>&-", ">/dev/full 2>/dev/full"])
@pytest.mark.parametrize("name", COMMANDS)
def test_output_that_cannot_be_written_is_status_74(name: str, redirection: str) -> None:
    """The error is one sentence, and never the status of a verdict."""
    if redirection == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    done = shell(COMMANDS[name], redirection)
    assert done.returncode == 74, done.stderr
    assert "Traceback" not in done.stderr
    assert ("cannot be written" in done.stderr) is ("2>" not in redirection)


@posix
@pytest.mark.parametrize("redirection", ["", "2>&1"])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_has_gone_is_status_141(name: str, redirection: str) -> None:
    """The status is that of a process that SIGPIPE ends, and nothing is printed."""
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as pipe:
        line = ["sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, *COMMANDS[name]]
        done = subprocess.run(line, cwd=ROOT, stdout=pipe, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (141, "")


UNEXPECTED = [ZeroDivisionError("x\x1b[2J"), RecursionError(), MemoryError(), type("Panic", (BaseException,), {})()]


@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
def test_an_unexpected_error_is_status_70(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence names the error and the place to report it; the traceback is shown on request."""

    def fail(path: object, *, overlays: object, strict: bool) -> None:
        raise error

    monkeypatch.setattr("code_contract_cli.options.load", fail)
    assert run(["clauses"]) == 70
    message = capsys.readouterr().err
    assert message.startswith(f"code-contract: unexpected error: {type(error).__name__}")
    assert "report it at https://" in message
    assert message.count("\n") == 1
    assert "\x1b" not in message
    monkeypatch.setenv("CODE_CONTRACT_DEBUG", "1")
    assert run(["clauses"]) == 70
    assert "Traceback" in capsys.readouterr().err


def full(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_reports_that_cannot_be_written_do_not_prevent_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each failure is one sentence with its file; an existing report is kept; the status is 74."""
    (tmp_path / "kept.xml").write_text("old")
    create = output._create

    def create_unless_xml(path: Path, content: bytes, like: Any) -> None:
        create(path, content, like)
        if content.startswith((b"<?xml", b"#")):
            full()

    monkeypatch.setattr(output, "_create", create_unless_xml)
    names = ("kept.xml", "lost.md", "written.json", "written.html")
    reports = [part for name in names for part in ("--report", str(tmp_path / name))]
    har = tmp_path / "written.har"
    assert run(["check", "--samples", "2", "--only", "answer-arrives", *reports, "--save-har", str(har)]) == 74
    printed = capsys.readouterr()
    assert "PASSED: 1 passed" in printed.out
    for name in ("kept.xml", "lost.md"):
        assert f"{name}' cannot be written: No space left on device" in printed.err
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "kept.xml",
        "written.har",
        "written.html",
        "written.json",
    ]
    assert (tmp_path / "kept.xml").read_text() == "old"


def test_a_report_whose_rendering_fails_does_not_prevent_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other report and the summary are written; the status is that of an unexpected error."""

    def fail(result: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setitem(writers.FORMATS, ".html", fail)  # type: ignore[arg-type]
    reports = ["--report", str(tmp_path / "a.html"), "--report", str(tmp_path / "b.xml")]
    assert run(["check", "--samples", "2", "--only", "answer-arrives", *reports]) == 70
    assert "PASSED" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == ["b.xml"]


@posix
def test_a_link_stays_a_link_and_the_mode_is_kept(tmp_path: Path) -> None:
    """The target of the link is replaced; a new file gets the mode of the umask."""
    target, link, new = tmp_path / "target", tmp_path / "link", tmp_path / "new"
    target.write_text("old")
    target.chmod(0o604)
    link.symlink_to(target)
    before = os.umask(0o027)
    try:
        output.save(link, b"content")
        output.save(new, b"content")
    finally:
        os.umask(before)
    assert link.is_symlink()
    assert target.read_bytes() == b"content"
    assert stat.S_IMODE(target.stat().st_mode) == 0o604
    assert stat.S_IMODE(new.stat().st_mode) == 0o640


@pytest.mark.parametrize("number", [errno.EACCES, errno.EBUSY, errno.EROFS], ids=errno.errorcode.get)
def test_a_file_in_a_folder_that_cannot_be_changed_is_written_in_place(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single file that is mounted into a container cannot be replaced."""
    path = tmp_path / "file"
    path.write_text("longer than the new content")

    def fail(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", fail)
    output.save(path, b"content")
    assert path.read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_fifo_is_written_directly(tmp_path: Path) -> None:
    """Its reader gets the content; without a reader it fails at once."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    output.check_writable([path])
    with pytest.raises(output.OutputError, match="no process reads it"):
        output.save_all([(path, lambda: b"")])
    read = list[bytes]()
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    while reader.is_alive():
        try:
            output.save(path, b"content")
            break
        except OSError:
            continue
    reader.join(10)
    assert read == [b"content"]
    assert stat.S_ISFIFO(path.stat().st_mode)


@posix
def test_docs_can_be_written_to_dev_stdout(tmp_path: Path) -> None:
    """`-o /dev/stdout` equals no -o, also if stdout is a file that has content."""
    expected = subprocess.run([*COMMAND, "docs"], capture_output=True, timeout=60).stdout
    path = tmp_path / "out"
    path.write_bytes(b"before\n")
    with path.open("ab") as file:
        done = subprocess.run([*COMMAND, "docs", "-o", "/dev/stdout"], stdout=file, timeout=60)
    assert done.returncode == 0
    assert path.read_bytes() == b"before\n" + expected


@pytest.mark.parametrize("option", ["check --report", "check --save-har", "docs -o"])
@pytest.mark.parametrize("path", ["folder.xml", "missing/x.xml", "file/x.xml", f"{'long' * 100}.xml"])
def test_an_impossible_path_is_rejected_before_the_run(
    option: str, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder, a missing folder and a name that is too long are wrong usage; nothing is created."""
    monkeypatch.setattr("contract_tests.run.Client", None)
    (tmp_path / "folder.xml").mkdir()
    (tmp_path / "file").touch()
    before = sorted(tmp_path.iterdir())
    assert run([*option.split(), str(tmp_path / path)]) == 2
    message = capsys.readouterr().err
    assert "cannot be written: " in message
    assert message.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_two_outputs_in_one_file_are_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second would replace the first."""
    path = str(tmp_path / "x.json")
    assert run(["check", "--report", path, "--save-har", path]) == 2
    assert "is given for two outputs" in capsys.readouterr().err


@posix
def test_a_working_directory_that_was_deleted_is_no_obstacle(tmp_path: Path) -> None:
    """No configuration is found there, and the run needs no file."""
    gone = tmp_path / "gone"
    gone.mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    line = ["sh", "-c", 'rmdir "$PWD"; "$@"', "sh", *COMMAND, "check", "--samples", "2", "--only", "answer-arrives"]
    done = subprocess.run(line, cwd=gone, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@posix
def test_a_symlink_into_a_folder_that_does_not_exist_is_found_before_the_run(tmp_path: Path) -> None:
    """Wrong usage, as a path in such a folder."""
    path = tmp_path / "x.html"
    path.symlink_to(tmp_path / "nowhere" / "x.html")
    with pytest.raises(click.UsageError, match="its folder does not exist"):
        output.check_writable([path])
