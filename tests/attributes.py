"""The attributes of a class of the core, whichever core runs."""


def attributes_of(kind: type) -> set[str]:
    """Names of all attributes of its objects, inherited ones too.

    The source declares them as `__slots__`; mypyc lists them, and knows no `__slots__`.
    """
    compiled = getattr(kind, "__mypyc_attrs__", None)
    if compiled is not None:
        return set(compiled) - {"__dict__"}
    return {name for each in kind.__mro__ for name in getattr(each, "__slots__", ())}
