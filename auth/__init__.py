"""Who is calling and what they may do. Imports none of the other packages."""
