"""Why a backup cannot be taken or restored, in a sentence for who runs the server."""


class BackupRefused(Exception):
    """Nothing was changed; the message says what is in the way and what to do."""
