"""The classes that components of diffusion pipelines name: one literal line each."""

from __future__ import annotations

#: class name -> module:function, below llmmem.architectures.diffusion
CLASSES = {
    # UNets
    "UNet2DConditionModel": "unet.condition:unet_2d_condition",
    "UNet2DModel": "unet.plain:unet_2d",
    # autoencoders
    "AutoencoderKL": "vae.kl:autoencoder_kl",
    "AutoencoderKLFlux2": "vae.kl:autoencoder_kl_flux2",
    "VQModel": "vae.kl:vq_model",
    "AutoencoderTiny": "vae.small:autoencoder_tiny",
    "AsymmetricAutoencoderKL": "vae.small:asymmetric_autoencoder_kl",
    "AutoencoderKLTemporalDecoder": "vae.svd:autoencoder_kl_temporal_decoder",
    "AutoencoderKLAllegro": "vae.allegro:autoencoder_kl_allegro",
    "AutoencoderKLWan": "vae.wan:autoencoder_kl_wan",
    "AutoencoderKLHunyuanVideo": "vae.hunyuan_video:autoencoder_kl_hunyuan_video",
    "AutoencoderKLMagvit": "vae.magvit:autoencoder_kl_magvit",
    "AutoencoderKLCogVideoX": "vae.cogvideox:autoencoder_kl_cogvideox",
    "AutoencoderKLLTXVideo": "vae.ltx:autoencoder_kl_ltx_video",
    "AutoencoderKLMochi": "vae.mochi:autoencoder_kl_mochi",
    "AutoencoderOobleck": "vae.oobleck:autoencoder_oobleck",
    "AutoencoderDC": "vae.dc:autoencoder_dc",
    # transformers
    "FluxTransformer2DModel": "transformer.flux:flux",
    "Flux2Transformer2DModel": "transformer.flux:flux2",
    "SD3Transformer2DModel": "transformer.sd3:sd3",
    "PixArtTransformer2DModel": "transformer.pixart:pixart",
    "DiTTransformer2DModel": "transformer.pixart:dit",
    "Transformer2DModel": "transformer.generic:transformer_2d",
    "SanaTransformer2DModel": "transformer.sana:sana",
    "WanTransformer3DModel": "transformer.wan:wan",
    "ChronoEditTransformer3DModel": "transformer.wan:wan",
    "AuraFlowTransformer2DModel": "transformer.auraflow:auraflow",
    "QwenImageTransformer2DModel": "transformer.qwen_image:qwen_image",
    "HunyuanDiT2DModel": "transformer.hunyuan_dit:hunyuan_dit",
    "HunyuanVideoTransformer3DModel": "transformer.hunyuan_video:hunyuan_video",
    "LTXVideoTransformer3DModel": "transformer.ltx:ltx_video",
    "CogVideoXTransformer3DModel": "transformer.cogvideox:cogvideox",
}

#: prompt and image encoders of transformers, for configs that name no model_type
ENCODERS = {
    "CLIPTextModel": "clip_text_model",
    "CLIPTextModelWithProjection": "clip_text_model",
    "CLIPVisionModel": "clip_vision_model",
    "CLIPVisionModelWithProjection": "clip_vision_model",
    "T5EncoderModel": "t5",
    "UMT5EncoderModel": "umt5",
    "ChatGLMModel": "chatglm",
}
