"""What can be done to the catalogue: verbs, keyword-only, each one transaction."""
