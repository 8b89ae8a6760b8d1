"""What this bank's database holds of people, sealed by keys apart from it. See README.md."""
