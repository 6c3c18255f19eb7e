"""Who may do what with connections to outside tools."""
