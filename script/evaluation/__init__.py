"""What `script/evaluate` tries: a module a kind of table, a function a bar or topic."""
