"""How each language writes days and times; Django looks here first (FORMAT_MODULE_PATH)."""
