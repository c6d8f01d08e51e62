"""S3 and the rest of AWS on our port: moto inside this process, behind a guard, and its S3 kept."""
