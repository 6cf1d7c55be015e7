"""How the venue is put on machines and watched there: images, manifests, dashboards, trials."""
