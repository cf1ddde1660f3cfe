"""What people and services are told of a command: in the terminal, as HTML, JUnit XML and a job summary."""
