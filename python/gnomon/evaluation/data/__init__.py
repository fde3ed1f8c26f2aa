"""What methods are judged on: tables, their columns and splits, networks and data sheets."""
