"""What runs inside the kernel's process: isolation, watching what is read, recording figures that are merely shown."""
