"""One proxy device for many: when its search result holds elsewhere, and what it takes to know."""
