"""Text from outside as a terminal or a log may have it: the one place where it is made harmless.

Pure. Whatever prints what a client, a member, a file or another process has written, asks here;
secrets are `masking`'s.
"""


def shown(text: str, keep: str = "") -> str:
    """The text with a code for each character that cannot be printed, such as `\\x1b` or `\\u202e`.

    So it can neither steer a terminal nor make another line. keep: characters that stay, such as
    the line feed where a text may have lines of its own.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode()
        for char in text
    )
