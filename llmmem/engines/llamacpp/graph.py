"""A computation graph as ggml sees it, and the one buffer its tensors share.

llama.cpp builds the graph of its largest batch once, at start, and gives each tensor a place in one buffer; a place is
used again as soon as its tensor has been read for the last time. The size of that buffer is the "compute buffer size"
it prints. The graph here holds no data: only sizes, and who reads what.

Sources: ggml.c (ggml_visit_parents_graph: parents first, left to right), ggml-alloc.c (operations that may write over
their input; the best fitting hole, else the end of the buffer).
"""

from __future__ import annotations

from math import prod


class Node:
    """One tensor: what an operation makes, an input, or a view of either."""

    __slots__ = (
        "held",
        "item",
        "leaf",
        "ne",
        "output",
        "place",
        "readers",
        "reuse",
        "root",
        "size",
        "sources",
        "views",
    )

    def __init__(
        self,
        ne: tuple[int, ...],
        sources: tuple[Node, ...] = (),
        item: int = 4,
        root: Node | None = None,
        reuse: bool = False,
    ) -> None:
        #: sizes, fastest axis first, and bytes of one element
        self.ne = ne
        self.item = item
        self.sources = sources
        #: the tensor this one is a view of
        self.root = root
        #: whether the operation may write over an input of the same layout
        self.reuse = reuse
        #: kept to the end
        self.output = False
        #: an input
        self.leaf = False
        self.size = prod(ne) * item
        self.readers = 0
        self.views = 0
        self.place = 0
        self.held = False


class Graph:
    """Operations in the order ggml runs them. Weights and caches lie elsewhere, so they do not appear."""

    def __init__(self) -> None:
        self.inputs: list[Node] = []
        self.nodes: list[Node] = []
        self._seen: set[int] = set()
        self._kept: list[Node] = []
        self._elsewhere = Node((0,))

    def given(self, *ne: int, item: int = 4) -> Node:
        """An input that is filled in before the graph runs."""
        node = Node(ne, item=item)
        node.leaf = True
        self._kept.append(node)
        return node

    def make(self, ne: tuple[int, ...], *sources: Node | None, item: int = 4, reuse: bool = False) -> Node:
        """The result of an operation; sources that lie elsewhere are None."""
        node = Node(ne, tuple(s for s in sources if s is not None), item, reuse=reuse)
        self._kept.append(node)
        return node

    def over(self, *sources: Node | None) -> Node:
        """The result of an operation element by element, of the first source's sizes, written over it if it can be."""
        return self.make(sources[0].ne if sources[0] else (), *sources, reuse=True)

    def view(self, source: Node, *ne: int) -> Node:
        """The same data, or a part of it, in other sizes."""
        node = Node(ne, (source,), source.item, root=source.root or source)
        self._kept.append(node)
        return node

    def stored(self, rows: Node, places: Node) -> Node:
        """Rows written into a cache, which lies elsewhere."""
        node = Node((0,), (rows, places), root=self._elsewhere)
        self._kept.append(node)
        return node

    def times(self, source: Node, width: int) -> Node:
        """A weight applied to every row."""
        return self.make((width, *source.ne[1:]), source)

    def run(self, node: Node) -> Node:
        """Put everything the node needs, and then it, at the end of the order."""
        if id(node) in self._seen:
            return node
        self._seen.add(id(node))
        for source in node.sources:
            self.run(source)
        (self.inputs if node.leaf else self.nodes).append(node)
        return node


class Buffer:
    """Holes between the places in use, and how far the buffer has ever reached."""

    def __init__(self, alignment: int) -> None:
        self.alignment = alignment
        #: (offset, size) in order; the last one has no end
        self.holes: list[tuple[int, int]] = [(0, 1 << 62)]
        self.reached = 0

    def aligned(self, size: int) -> int:
        """The size as it is taken."""
        return -(-size // self.alignment) * self.alignment

    def take(self, size: int) -> int:
        """The smallest hole that is large enough, and of equals the last; if there is none, the end."""
        size = self.aligned(size)
        best, width = len(self.holes) - 1, 1 << 62
        for i in range(len(self.holes) - 1):
            hole = self.holes[i][1]
            if size <= hole <= width:
                best, width = i, hole
        offset, room = self.holes[best]
        if room == size:
            del self.holes[best]
        else:
            self.holes[best] = (offset + size, room - size)
        self.reached = max(self.reached, offset + size)
        return offset

    def give(self, offset: int, size: int) -> None:
        """Give a place back, joined with the holes beside it."""
        size = self.aligned(size)
        if not size:
            return
        i = 0
        while i < len(self.holes) and self.holes[i][0] < offset:
            i += 1
        if i and sum(self.holes[i - 1]) == offset:
            i -= 1
            offset, size = self.holes[i][0], size + self.holes[i][1]
            del self.holes[i]
        if i < len(self.holes) and offset + size == self.holes[i][0]:
            size += self.holes[i][1]
            del self.holes[i]
        self.holes.insert(i, (offset, size))


def buffer_size(graph: Graph, alignment: int) -> int:
    """Bytes of the buffer that holds every tensor of the graph while it is needed."""
    buffer = Buffer(alignment)
    for node in graph.inputs:
        node.place, node.held = buffer.take(node.size), True
    for node in graph.nodes:
        if node.root:
            node.root.views += 1
        for source in node.sources:
            source.readers += 1
    for node in graph.nodes:
        if not node.root:
            node.held = True
            if not (node.reuse and _write_over(node, buffer)):
                node.place = buffer.take(node.size)
        for source in node.sources:
            source.readers -= 1
            if source.readers or source.views:
                continue
            owner = source.root or source
            if source.root:
                owner.views -= 1
            if owner.held and not owner.output and not owner.views and not owner.readers:
                buffer.give(owner.place, owner.size)
                owner.held = False
    return buffer.reached


def _write_over(node: Node, buffer: Buffer) -> bool:
    """Let the node take the place of a source that nobody reads after it; what is seen through a view stays."""
    for source in node.sources:
        if source.root or source.output or not source.held or source.readers != 1 or source.views:
            continue
        if source.item != node.item or _four(source.ne) != _four(node.ne):
            continue
        node.place, source.held = source.place, False
        return True
    return False


def _four(ne: tuple[int, ...]) -> tuple[int, ...]:
    """Sizes of four axes."""
    return ne + (1,) * (4 - len(ne))
