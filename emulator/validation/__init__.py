"""What makes a request acceptable: JSON types, the service model's constraints, rules across members."""
