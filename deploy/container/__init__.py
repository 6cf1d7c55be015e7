"""The image: its steps, and a trial of them where no container engine is."""
