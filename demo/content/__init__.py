"""The demo's people, sessions and words: TOML files that anybody can edit. All of it is invented."""
