"""What answers the API, one file a noun of its addresses."""
