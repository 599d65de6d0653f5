"""What bytes are counted in, where there are many."""

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE
