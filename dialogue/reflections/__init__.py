"""What I heard: a listener tells a story back, and the person who told it says whether that was it."""
