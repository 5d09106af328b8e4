"""The services an operator uses, started by tests: private instances on free ports that end with their tests."""
