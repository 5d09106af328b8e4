"""What docs/operations.md tells an operator to run, run."""
