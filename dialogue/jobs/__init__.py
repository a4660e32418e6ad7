"""Work that takes longer than a page may: somebody asks, a worker does it, and who asked sees how far it is."""
