"""What may be decided about credits: reading, booking, handing down and renewing."""
