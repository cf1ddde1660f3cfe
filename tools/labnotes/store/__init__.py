"""What is kept on disk: records, logs, audits, finished runs, fetched inputs; and what a record depends on."""
