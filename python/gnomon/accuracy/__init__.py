"""Accuracy models of search spaces, fitted to what a published accuracy network answers."""
