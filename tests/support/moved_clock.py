"""A server's clock that can be moved while it runs: its own alone, or that of its whole process by libfaketime."""

from pathlib import Path


class MovedClock:
    """How far a server's clock is ahead of the machine's at the moment; it outlasts the server."""

    def __init__(self, file: Path, *, is_whole: bool = False) -> None:
        """Whole is what libfaketime makes of it: every clock that tells the date is moved, in children too."""
        self._file = file
        self._is_whole = is_whole
        self.move(0)

    @property
    def settings(self) -> dict[str, str]:
        """What ``hurried_server.py`` has to be told."""
        library = {"test_clock_library": str(libfaketime())} if self._is_whole else {}
        return {"test_clock": str(self._file), **library}

    def move(self, milliseconds: int) -> None:
        """Be ahead by so much from now on, or behind."""
        self.ahead_ms = milliseconds
        told = self._file.with_name(f"{self._file.name}.new")
        told.write_text(f"{milliseconds / 1000:+.3f}" if self._is_whole else str(milliseconds))
        told.replace(self._file)


def libfaketime() -> Path:
    """The library that moves the clocks of programs with several threads."""
    found = sorted(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1"))
    assert found, "install Debian's package libfaketime (make test-world does)"
    return found[0]
