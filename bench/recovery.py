def rows(options):
    return []
