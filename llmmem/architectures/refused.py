"""Models known by name whose tensors are not: why, and what can be done instead."""

from __future__ import annotations

#: what always helps: the weights are what the headers of the files say
_HEADERS = "Give the .safetensors files themselves: their headers state the weights."

#: model_type -> one sentence, and a hint
REFUSED = {
    "logics": ("Logics-Thinking joins a ConvNeXt and a SigLIP whose sizes its config does not state.", _HEADERS),
    "bamboo": ("Bamboo stores predictors of its sparse neurons, whose sizes its config does not state.", _HEADERS),
    "infimm-zephyr": ("InfiMM's EVA tower is not described.", _HEADERS),
    "llama3v": ("llama3v's config does not state its vision tower.", _HEADERS),
    "bailingmm": ("Ming-Omni's audio encoder and its experts for three modalities are not described.", _HEADERS),
    "cogvlm": ("CogVLM's visual experts are not described.", _HEADERS),
    "xtts": ("XTTS is not described: its sizes are in Coqui's own code, in no config.", _HEADERS),
    "valle": (
        "VALL-E has neither a published configuration nor published weights.",
        "Other models that speak are known, such as bark, csm and vits.",
    ),
}

#: other spellings
REFUSED |= {"vall-e": REFUSED["valle"], "vall_e": REFUSED["valle"], "xtts_v2": REFUSED["xtts"]}
