"""What the API takes and gives, as the schema shows it."""
