"""What the directory's mutations write: the cockpit's own directory only."""
