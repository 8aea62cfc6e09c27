"""What a fresh machine needs: an environment, Java, Kafka. People and CI run the same files."""
