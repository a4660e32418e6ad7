"""Pictures of every page of every role, to be looked at. `make shots` takes them; docs/development.md tells how."""
