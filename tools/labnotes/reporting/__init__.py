"""A check told in four ways: on a terminal, as JUnit XML, as one HTML file, as a job summary."""
