"""Real faults on real processes. After each: nothing lost, doubled or orphaned, nothing of a person's overwritten.

The site's database, broker and files are the embedded parts, or the services that `python -m tests.services` starts.
FAULT_SEED repeats what a failing test has printed; FAULT_MINUTES lets each random fault go on for so long, with other
seeds.
"""
