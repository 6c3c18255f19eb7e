"""The commands of `cockpit`, one file each."""
