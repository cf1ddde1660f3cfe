"""Math of prose: TeX read, put in words that its library reads, numbered, and set as MathML."""
