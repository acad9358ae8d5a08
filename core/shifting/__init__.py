"""One column of train beside the same column of serve."""
