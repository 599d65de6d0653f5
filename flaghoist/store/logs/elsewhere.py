"""What is true of every log: events do not wait on our disk."""

from flaghoist.store.logs.complaints import Complaints


class Elsewhere:
    """Whoever asks how much waits is told by the log's own tools."""

    disk_bytes = 0

    def __init__(self, name: str) -> None:
        self.complaints = Complaints(name)

    def waiting_since(self) -> int | None:
        """Nothing does here."""
        return None

    @property
    def objection(self) -> str:
        """Why nothing was taken in just now; empty if it was."""
        return self.complaints.recent
