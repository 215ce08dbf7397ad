"""Objects that hold keys and therefore stay in this process."""

from typing import NoReturn, SupportsIndex


class Opaque:
    """Refuses pickling and copying: a pickle in a cache or a task argument is a leaked key."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        raise TypeError(f"{type(self).__name__} holds keys and cannot be pickled or copied.")
