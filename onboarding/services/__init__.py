"""What can be done while products get in: verbs, keyword-only, each one transaction."""
