"""Whether a built site is fit to be published. Looks at its files only, so it does not matter which builder made them."""
