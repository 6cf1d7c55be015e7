"""How the venue is put on machines: images, manifests, units, and trials of them."""
