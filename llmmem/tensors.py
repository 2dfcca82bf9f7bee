"""The language: a model is named tensors and per-layer caches, kept folded so that repeats cost nothing.

Shapes are those of the checkpoint file. Sizes are elements; bytes appear only once a dtype is chosen.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, NamedTuple, TypeVar

#: component of a head that the class ties, but that published checkpoints hold apart: not among the class's parameters,
#: yet in memory once such a checkpoint is loaded
UNTIED = "untied head"
#: component of what a model's files hold and its architecture does not have: an engine may or may not load it
EXTRA = "extra"


class Tensor(NamedTuple):
    """One named tensor, or ``copies`` of it (experts).

    ``{}`` in ``name`` stands for the expert index; without it, copies are stacked on a leading axis.
    ``shape`` is that of one copy.
    """

    name: str
    shape: tuple[int, ...]
    #: linear, embedding, head, norm, bias, router, conv, position, scalar or buffer
    role: str = "linear"
    #: the axis tensor parallelism cuts (None: every rank holds it whole)
    shard: int | None = None
    #: the smallest slice of that axis, such as head_dim
    unit: int = 1
    copies: int = 1
    #: copies one token uses (None: all)
    active: int | None = None
    #: stored dtype (None: the checkpoint's own)
    dtype: str | None = None
    #: for matrices, "oi" = (out, in) as torch.nn.Linear, "io" = (in, out) as Conv1D and fused experts
    layout: str = "oi"
    #: stacked copies lie end to end along the first axis instead of on one of their own
    flat: bool = False
    #: index of the first copy, where others of another shape come before it
    first: int = 0

    @property
    def elements(self) -> int:
        """Elements of all copies."""
        return prod(self.shape) * self.copies

    @property
    def active_elements(self) -> int:
        """Elements one token uses."""
        return prod(self.shape) * (self.copies if self.active is None else min(self.active, self.copies))


class Cache(NamedTuple):
    """What one layer remembers of one sequence.

    Kinds that grow with tokens hold ``heads * (key + value)`` elements per token: ``full``, ``sliding`` and ``chunked``
    (bounded by ``window``), ``latent`` (MLA), ``index`` (keys of a sparse-attention indexer), ``cross`` (encoder
    tokens), ``compressed`` (one entry for ``every`` tokens). ``pending`` holds the tokens that wait to be compressed,
    ``overlap`` those compressed last; ``image`` has one entry per patch of a picture. Kinds of fixed size hold
    ``heads * size`` elements: ``conv``, ``state``.
    """

    kind: str
    #: what tensor parallelism cuts: KV heads, channels; 1 where every rank holds the whole
    heads: int = 1
    key: int = 0
    value: int = 0
    size: int = 0
    window: int | None = None
    #: dtype the model keeps it in whatever the checkpoint's (None: the compute dtype)
    dtype: str | None = None
    #: tokens that one entry stands for (compressed attention)
    every: int = 1
    #: dtype the config asks engines with a choice to keep a recurrent state in
    asked: str | None = None

    @property
    def per_token(self) -> int:
        """Elements one more token adds while the window is not full."""
        return self.heads * (self.key + self.value)

    @property
    def fixed(self) -> int:
        """Elements held however long the sequence is."""
        return self.heads * self.size


class Run(NamedTuple):
    """How transformers runs a part: the tensors alive at its peak, where they are not those of a Llama layer."""

    #: tensors of the residual stream's width beside the part's own (0: 3 in attention, 4 elsewhere)
    held: int = 0
    #: elements per token beside q and repeated k and v while the scores are there: a fused projection, expanded latents
    beside: int = 0
    #: elements per token of the compute dtype and of fp32 while q and k are normed or turned, where that needs fp32
    early: tuple[int, int] = (0, 0)
    #: tensors of the scores' size at their peak when they are written out: of the compute dtype, and of fp32
    scores: tuple[int, int] = (1, 2)
    #: of the tensors held, positions that all requests share
    common: int = 0
    #: the previous layer's attention weights stay until this layer is done, and so do its own
    keeps: bool = False
    #: sdpa gets a mask, one byte for every pair of tokens, even without a window
    masked: bool = False
    #: q and k are turned by rotary embeddings
    rotary: bool = True
    #: sdpa has no fused kernel for it and computes in fp32: one key head beside several of the query
    math: bool = False
    #: there is no fused kernel: the scores are written out whatever is asked for
    written: bool = False
    #: a bias per head that is learned, one for all requests, alive as long as the stack runs (T5)
    table: bool = False
    #: reads an encoder
    cross: bool = False
    #: the router's weights are fp32, and so is what they multiply
    wide: bool = False
    #: elements per token of the part's own in transformers, where they are not ``Work.width``
    width: int = 0


class Work(NamedTuple):
    """What a part keeps alive while it computes: the facts activation estimates are made of."""

    #: attention, biased_attention (scores get a bias tensor of their size), mlp, moe, ssm, linear_attention, conv
    kind: str
    #: elements per token alive at the part's peak, beyond the residual stream
    width: int
    heads: int = 0
    kv_heads: int = 0
    head_dim: int = 0
    window: int | None = None
    #: experts a token visits
    top_k: int = 0
    #: fp32 elements per token alive instead where the fused kernels of a scan are not installed
    unfused: int = 0
    run: Run = Run()


class FileTensor(NamedTuple):
    """One tensor as the header of a file states it."""

    #: as the file spells it
    name: str
    #: outermost axis first, as in the checkpoint; () for one value
    shape: tuple[int, ...]
    #: llmmem's name of the element or block type ("bf16", "q4_k")
    dtype: str
    #: bytes of the data in the file
    nbytes: int


class Header(NamedTuple):
    """What the header of a checkpoint file, or of all files of a sharded one, states."""

    #: safetensors or gguf
    form: str
    tensors: tuple[FileTensor, ...]
    #: key -> value, as the file has them
    metadata: dict[str, Any]
    #: bytes of all files together where they are known, headers and padding included
    file_bytes: int | None = None
    notes: tuple[str, ...] = ()


class Part(NamedTuple):
    """A brick of a layer: its tensors (named relative to the layer), caches and work."""

    tensors: tuple[Tensor, ...]
    caches: tuple[Cache, ...] = ()
    work: tuple[Work, ...] = ()


def join(*parts: Part | tuple[Tensor, ...]) -> Part:
    """Put bricks (or bare tensors) after one another into one part."""
    tensors: list[Tensor] = []
    caches: list[Cache] = []
    work: list[Work] = []
    for part in parts:
        if isinstance(part, Part):
            tensors += part.tensors
            caches += part.caches
            work += part.work
        else:
            tensors += part
    return Part(tuple(tensors), tuple(caches), tuple(work))


class Block(NamedTuple):
    """One kind of layer and where it occurs.

    ``{}`` in ``prefix`` is the layer index; a block without it stands once. ``component`` is language, encoder,
    decoder, vision, audio, projector, mtp, ...
    """

    component: str
    prefix: str
    tensors: tuple[Tensor, ...]
    layers: Sequence[int] = (0,)
    caches: tuple[Cache, ...] = ()
    work: tuple[Work, ...] = ()
    #: False: in the checkpoint, but the model class does not load it (deep prediction layers)
    loaded: bool = True

    def names(self, layer: int, tensor: Tensor) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The checkpoint's names and shapes of one tensor in one layer."""
        prefix = self.prefix.replace("{}", str(layer), 1)
        if "{}" in tensor.name:
            for copy in range(tensor.first, tensor.first + tensor.copies):
                yield prefix + tensor.name.replace("{}", str(copy), 1), tensor.shape
        elif tensor.flat:
            yield prefix + tensor.name, (tensor.copies * tensor.shape[0], *tensor.shape[1:])
        elif tensor.copies > 1:
            yield prefix + tensor.name, (tensor.copies, *tensor.shape)
        else:
            yield prefix + tensor.name, tensor.shape

    def elements(self, roles: Sequence[str] | None = None) -> int:
        """Elements of all layers, of the given roles or of all."""
        return len(self.layers) * sum(t.elements for t in self.tensors if roles is None or t.role in roles)


class Tiles(NamedTuple):
    """How a picture is cut into tiles of the tower's size, seen beside the picture as a whole."""

    #: the rule that chooses columns and rows (llmmem.media.tiles.GRIDS)
    grid: str
    #: tiles at most and at least
    most: int
    least: int = 1
    #: (height, width) in pixels that tiles may cover, where the model lists them
    shapes: tuple[tuple[int, int], ...] = ()
    #: tokens of a tile (None: as many as the whole picture has), and those beside each tile, between two of a row and
    #: after each row
    tokens: int | None = None
    each: int = 0
    between: int = 0
    row: int = 0
    #: tokens beside the whole picture where there are tiles too
    whole: int = 0
    #: side of a tile in pixels, where it is not the tower's
    side: int = 0
    #: a picture is cut from so many times its most pixels on (0: always)
    above: float = 0
    #: "tiles": each has all of its tokens; "unpadded", "masked": they are laid out as one grid, its padding left out
    #: after or before they are joined, with a token after each line
    layout: str = "tiles"
    #: that grid is shrunk to the tokens of so many tiles (0: never)
    shrunk: int = 0


class Film(NamedTuple):
    """How the frames of a film become tokens."""

    #: frames that are seen as one
    every: int = 1
    #: patches of a frame of fixed size or filled up to it, and its tokens; 0: the grid follows the frame
    patches: int = 0
    tokens: int = 0
    #: tokens beside all frames
    around: int = 0
    #: what bounds a frame's pixels: "frame" (its own), "film" (those of all frames), "shared" (the most, by all frames)
    bound: str = "frame"
    min_pixels: int = 0
    max_pixels: int = 0
    #: side of a cell in patches where it is not the pictures'
    merge: int = 0


Runs = TypeVar("Runs", Part, Block)


def runs(part: Runs, **facts: Any) -> Runs:
    """The part or block with these facts about how it is run (see ``Run``)."""
    return part._replace(work=tuple(w._replace(run=w.run._replace(**facts)) for w in part.work))


class Images(NamedTuple):
    """How pictures become tokens.

    ``patch`` 0: every picture (or tile) is resized to one fixed grid of ``patches``, which becomes ``tokens`` of the
    language model. Otherwise the grid follows the picture, as ``fit`` says, in cells of ``patch * merge``, and
    ``patches`` is what it is filled up to (0: to nothing).
    """

    patches: int
    tokens: int
    hidden_size: int
    size: tuple[int, int] = (0, 0)
    patch: int = 0
    merge: int = 1
    min_pixels: int = 0
    max_pixels: int = 0
    #: the rule that chooses the grid (llmmem.media.resize.FITS)
    fit: str = "area"
    #: tokens that end each line of the grid, and those beside a picture
    line: int = 0
    around: int = 0
    tiles: Tiles | None = None
    #: None: how films become tokens is not known, or the model takes none
    film: Film | None = None


class Diffusion(NamedTuple):
    """What one component of a diffusion pipeline works on, and the elements alive at its peak.

    ``image`` elements for each position of its grid, and ``text`` for each token of the prompt. Positions are latents
    (denoisers) or pixels (decoders), ``patch`` of them along time, height and width.
    """

    component: str
    #: encode (a prompt), denoise, decode, or beside (no work worth counting)
    stage: str
    #: where the peak is, for people
    label: str = ""
    #: width of its main stream
    hidden: int = 0
    image: int = 0
    text: int = 0
    patch: tuple[int, int, int] = (1, 1, 1)
    #: tokens the pipeline cuts or pads a prompt to; encoders: the most they read
    prompt: int = 0
    #: pixels along a side, and frames, that one latent stands for
    scale: int = 1
    time: int = 1
    #: height, width and frames of what the pipeline makes by default, in pixels; 0: ``sample`` latents along a side
    size: tuple[int, int, int] = (0, 0, 1)
    sample: int = 0
    #: joined (one pass over twice the batch), apart (two passes), distilled (one pass) or none
    guidance: str = "none"
    #: joint (text among the picture's tokens), cross (the picture reads the text), self, or nothing
    attention: str = ""
    #: decoders: frames worked on at once (0: all), and elements kept for each position from those before; sides of a
    #: tile in pixels (0: cannot); whether it computes in fp32 if asked to
    at_once: int = 0
    held: int = 0
    tile: tuple[int, int] = (0, 0)
    upcast: bool = False
    #: denoisers: the pipeline asks the decoder to compute in fp32 where the weights are fp16
    upcasts: bool = False


class Sound(NamedTuple):
    """How sound becomes the frames that a tower reads, and the tokens of a language model."""

    #: width of the tower
    hidden_size: int
    #: samples a second, those that every frame advances, and those that are put before or (negative) needed more
    rate: int = 16_000
    hop: int = 160
    padding: int = 0
    #: convolutions over the frames as (kernel, step, padding), and frames that they read at a time (0: all)
    convs: tuple[tuple[int, int, int], ...] = ()
    chunk: int = 0
    #: seconds that are heard at once and filled up (0: all there are, nothing filled up); one after the other
    window: int = 0
    turns: bool = False
    #: seconds at most (0: any)
    most: int = 0
    #: so many frames become ``made`` tokens, whole groups alone or the last one too; what is filled up makes tokens too
    group: int = 1
    made: int = 1
    whole: bool = True
    filled: bool = False
    #: tokens beside a sound, and tokens of any sound (None: as above)
    around: int = 0
    tokens: int | None = None


class AsStored(NamedTuple):
    """The weights as the headers of a model's files state them."""

    #: those of the architecture with the shapes and dtypes that are there, and what is there beside them
    blocks: tuple[Block, ...]
    #: what the weights are stored as, for people
    precision: str
    #: one sentence on where that was read
    why: str


class ModelSpec(NamedTuple):
    """A model as llmmem knows it: blocks of tensors and caches, and the facts around them."""

    model_type: str
    architecture: str
    blocks: tuple[Block, ...]
    hidden_size: int
    vocab_size: int = 0
    #: None: no limit in the config
    max_context: int | None = None
    #: (alias, tensor it shares storage with); aliases are not among the tensors
    tied: tuple[tuple[str, str], ...] = ()
    #: the checkpoint's own element type as its config states it (None: not stated)
    dtype: str | None = None
    #: encoder positions fixed by the model (speech); None: as long as the text asks
    encoder_length: int | None = None
    images: Images | None = None
    #: None: it hears nothing, or how sound becomes tokens is not known
    sound: Sound | None = None
    #: the raw quantization_config, if any
    quantization: dict[str, Any] | None = None
    #: prefix of the sub-model that the quantization_config belongs to, or of each ("": the whole model)
    quantized_within: str | tuple[str, ...] = ""
    #: the kind of file whose header gave every tensor its dtype (safetensors, gguf); "": read from the config alone
    measured: str = ""
    #: what those headers state, where an architecture stands beside them (None: the blocks themselves were read there)
    stored: AsStored | None = None
    #: of a diffusion pipeline or a component of one: what is known of its work (None: it is no such model)
    diffusion: tuple[Diffusion, ...] | None = None
    #: groups of a report that could not be known (kv_cache, activations ...), so that no total is one
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """Parameters of the loaded model: each tied tensor once, buffers excluded."""
        return sum(
            len(b.layers) * sum(t.elements for t in b.tensors if t.role != "buffer") for b in self.blocks if b.loaded
        )

    @property
    def active_parameters(self) -> int:
        """Parameters one token uses: of the experts only those it is routed to, all else whole."""
        return sum(
            len(b.layers) * sum(t.active_elements for t in b.tensors if t.role != "buffer")
            for b in self.blocks
            if b.loaded
        )

    @property
    def checkpoint_elements(self) -> int:
        """Parameters and persistent buffers of the loaded model, as stored."""
        return sum(b.elements() for b in self.blocks if b.loaded)

    @property
    def unloaded_parameters(self) -> int:
        """Parameters in the checkpoint that the model class leaves there (deep prediction layers)."""
        return sum(
            len(b.layers) * sum(t.elements for t in b.tensors if t.role != "buffer")
            for b in self.blocks
            if not b.loaded and b.component != UNTIED
        )

    @property
    def layers(self) -> int:
        """Layers of the stack that writes the answer (the decoder, or the encoder when there is none)."""
        for component in ("language", "decoder", "encoder", "vision"):
            indices = {i for b in self.blocks if b.component == component and "{}" in b.prefix for i in b.layers}
            if indices:
                return len(indices)
        return 0

    def tensors(self, *, unloaded: bool = False) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Every tensor of the loaded model (or of what it leaves unloaded) as ``(name, shape)`` in checkpoint form."""
        for block in self.blocks:
            if block.loaded is unloaded:
                continue
            for layer in block.layers:
                for tensor in block.tensors:
                    yield from block.names(layer, tensor)

    def placed(self, prefix: str, component: str | None = None) -> tuple[Block, ...]:
        """The blocks under a prefix, and under another component's name where a wrapper gives one."""
        return tuple(
            b._replace(prefix=prefix + b.prefix, component=component if component and b.loaded else b.component)
            for b in self.blocks
        )
