"""Models, endpoint configurations, endpoints: what they are, where they are kept, and what serves them."""
