"""One page for outreach partners: which talks are to come, who takes part, how cards work, where help is."""
