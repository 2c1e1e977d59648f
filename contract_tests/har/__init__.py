"""Recordings in HAR 1.2: written by `--save-har`, read by `--replay`."""
