"""Checks returns: values become frames, pandera checks the frames, failures become findings. Only this package imports pandera."""
