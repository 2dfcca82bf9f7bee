# Completions of llmmem, written by completions/generate.py; do not edit by hand.
function __llmmem_models
    printf '%s\n' \
        01-ai/Yi-34B \
        01-ai/Yi-6B \
        Alibaba-NLP/gte-Qwen2-7B-instruct \
        BAAI/bge-base-en-v1.5 \
        BAAI/bge-large-en-v1.5 \
        BAAI/bge-large-zh \
        BAAI/bge-large-zh-v1.5 \
        BAAI/bge-m3 \
        BAAI/bge-small-en-v1.5 \
        CohereForAI/c4ai-command-r-plus \
        CompVis/stable-diffusion-v1-4 \
        Efficient-Large-Model/Sana_1600M_1024px_diffusers \
        Efficient-Large-Model/Sana_600M_1024px_diffusers \
        EleutherAI/gpt-j-6b \
        EleutherAI/gpt-neo-1.3B \
        EleutherAI/gpt-neo-2.7B \
        EleutherAI/gpt-neox-20b \
        EleutherAI/pythia-1.4b \
        EleutherAI/pythia-12b \
        EleutherAI/pythia-160m \
        EleutherAI/pythia-1b \
        EleutherAI/pythia-2.8b \
        EleutherAI/pythia-410m \
        EleutherAI/pythia-6.9b-deduped \
        EleutherAI/pythia-70m \
        FacebookAI/roberta-base \
        FacebookAI/roberta-large \
        FacebookAI/xlm-roberta-base \
        FacebookAI/xlm-roberta-large \
        FreedomIntelligence/openPangu-Embedded-7B \
        Helsinki-NLP/opus-mt-zh-en \
        HuggingFaceH4/zephyr-7b-beta \
        HuggingFaceTB/SmolLM-1.7B \
        HuggingFaceTB/SmolLM-135M \
        HuggingFaceTB/SmolLM2-1.7B \
        HuggingFaceTB/SmolLM2-135M \
        HuggingFaceTB/SmolLM2-360M \
        HuggingFaceTB/SmolLM3-3B \
        Kwai-Kolors/Kolors \
        LGAI-EXAONE/EXAONE-3.0-7.8B-Instruct \
        Lightricks/LTX-Video \
        Lightricks/LTX-Video-0.9.7-dev \
        LiquidAI/LFM2-1.2B \
        MiniMaxAI/MiniMax-M1-80k \
        MiniMaxAI/MiniMax-M2.7 \
        OpenGVLab/InternVL2-8B \
        OpenGVLab/InternVL3-8B \
        PixArt-alpha/PixArt-Sigma-XL-2-1024-MS \
        PixArt-alpha/PixArt-XL-2-512x512 \
        Qwen/QwQ-32B \
        Qwen/Qwen-72B-Chat \
        Qwen/Qwen-7B-Chat \
        Qwen/Qwen-VL-Chat \
        Qwen/Qwen1.5-0.5B \
        Qwen/Qwen1.5-1.8B \
        Qwen/Qwen1.5-4B \
        Qwen/Qwen1.5-72B \
        Qwen/Qwen1.5-7B \
        Qwen/Qwen1.5-MoE-A2.7B \
        Qwen/Qwen2-0.5B \
        Qwen/Qwen2-1.5B \
        Qwen/Qwen2-72B-Instruct \
        Qwen/Qwen2-7B \
        Qwen/Qwen2-7B-Instruct \
        Qwen/Qwen2-VL-2B-Instruct \
        Qwen/Qwen2-VL-7B-Instruct \
        Qwen/Qwen2.5-0.5B \
        Qwen/Qwen2.5-0.5B-Instruct \
        Qwen/Qwen2.5-1.5B-Instruct \
        Qwen/Qwen2.5-14B-Instruct \
        Qwen/Qwen2.5-32B-Instruct \
        Qwen/Qwen2.5-3B-Instruct \
        Qwen/Qwen2.5-72B-Instruct \
        Qwen/Qwen2.5-7B \
        Qwen/Qwen2.5-7B-Instruct \
        Qwen/Qwen2.5-Coder-32B-Instruct \
        Qwen/Qwen2.5-Coder-7B-Instruct \
        Qwen/Qwen2.5-VL-32B-Instruct \
        Qwen/Qwen2.5-VL-3B-Instruct \
        Qwen/Qwen2.5-VL-72B-Instruct \
        Qwen/Qwen2.5-VL-7B-Instruct \
        Qwen/Qwen3-0.6B \
        Qwen/Qwen3-1.7B \
        Qwen/Qwen3-14B \
        Qwen/Qwen3-235B-A22B \
        Qwen/Qwen3-30B-A3B \
        Qwen/Qwen3-30B-A3B-FP8 \
        Qwen/Qwen3-30B-A3B-Instruct-2507 \
        Qwen/Qwen3-32B \
        Qwen/Qwen3-32B-FP8 \
        Qwen/Qwen3-4B \
        Qwen/Qwen3-4B-Instruct-2507 \
        Qwen/Qwen3-8B \
        Qwen/Qwen3-8B-FP8 \
        Qwen/Qwen3-Coder-30B-A3B-Instruct \
        Qwen/Qwen3-Coder-480B-A35B-Instruct \
        Qwen/Qwen3-Embedding-0.6B \
        Qwen/Qwen3-Embedding-8B \
        Qwen/Qwen3-Next-80B-A3B-Instruct \
        Qwen/Qwen3-VL-235B-A22B-Instruct \
        Qwen/Qwen3-VL-2B-Instruct \
        Qwen/Qwen3-VL-30B-A3B-Instruct \
        Qwen/Qwen3-VL-32B-Instruct \
        Qwen/Qwen3-VL-4B-Instruct \
        Qwen/Qwen3-VL-8B-Instruct \
        Qwen/Qwen3.5-35B-A3B \
        RWKV/rwkv-4-169m-pile \
        RWKV/rwkv-4-430m-pile \
        RWKV/rwkv-4-7b-pile \
        RWKV/rwkv-5-world-1b5 \
        RWKV/rwkv-5-world-3b \
        RWKV/rwkv-6-world-1b6 \
        RWKV/rwkv-6-world-7b \
        THUDM/chatglm2-6b \
        THUDM/chatglm3-6b \
        THUDM/glm-4-9b-chat \
        Tencent-Hunyuan/HunyuanDiT-Diffusers \
        TheBloke/Llama-2-13B-chat-GPTQ \
        TinyLlama/TinyLlama-1.1B-Chat-v1.0 \
        Wan-AI/Wan2.1-T2V-1.3B-Diffusers \
        Wan-AI/Wan2.1-T2V-14B-Diffusers \
        Wan-AI/Wan2.2-T2V-A14B-Diffusers \
        Wan-AI/Wan2.2-TI2V-5B-Diffusers \
        XiaomiMiMo/MiMo-7B-Base \
        XiaomiMiMo/MiMo-V2-Flash \
        Zyphra/Zamba2-7B \
        adept/fuyu-8b \
        ai21labs/AI21-Jamba-1.5-Mini \
        ai21labs/Jamba-v0.1 \
        albert/albert-base-v1 \
        albert/albert-base-v2 \
        allenai/Molmo-7B-D-0924 \
        allenai/OLMo-1B-hf \
        allenai/OLMo-2-1124-13B \
        allenai/OLMo-2-1124-7B \
        allenai/OLMo-7B-hf \
        allenai/OLMoE-1B-7B-0125 \
        allenai/OLMoE-1B-7B-0924 \
        allenai/Olmo-3-7B \
        answerdotai/ModernBERT-base \
        answerdotai/ModernBERT-large \
        audeering/wav2vec2-large-robust-24-ft-age-gender \
        baichuan-inc/Baichuan2-13B-Chat \
        baichuan-inc/Baichuan2-7B-Chat \
        bigcode/starcoder \
        bigcode/starcoder2-15b \
        bigcode/starcoder2-3b \
        bigcode/starcoder2-7b \
        bigscience/bloom \
        bigscience/bloom-1b7 \
        bigscience/bloom-3b \
        bigscience/bloom-560m \
        bigscience/bloom-7b1 \
        black-forest-labs/FLUX.1-dev \
        black-forest-labs/FLUX.1-schnell \
        black-forest-labs/FLUX.2-klein-9B \
        bryce-hoehn/Qwen3.5-25B-REAP-A3B-Coding \
        codellama/CodeLlama-13b-hf \
        codellama/CodeLlama-34b-hf \
        codellama/CodeLlama-70b-hf \
        codellama/CodeLlama-7b-hf \
        cvssp/audioldm-s-full-v2 \
        dalle-mini/dalle-mega \
        damo-vilab/text-to-video-ms-1.7b \
        databricks/dbrx-base \
        deepseek-ai/DeepSeek-R1 \
        deepseek-ai/DeepSeek-R1-0528 \
        deepseek-ai/DeepSeek-R1-Distill-Llama-70B \
        deepseek-ai/DeepSeek-R1-Distill-Llama-8B \
        deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B \
        deepseek-ai/DeepSeek-R1-Distill-Qwen-14B \
        deepseek-ai/DeepSeek-R1-Distill-Qwen-32B \
        deepseek-ai/DeepSeek-R1-Distill-Qwen-7B \
        deepseek-ai/DeepSeek-V2-Lite \
        deepseek-ai/DeepSeek-V2-Lite-Chat \
        deepseek-ai/DeepSeek-V2.5 \
        deepseek-ai/DeepSeek-V3 \
        deepseek-ai/DeepSeek-V3-0324 \
        deepseek-ai/DeepSeek-V3-Base \
        deepseek-ai/DeepSeek-V3.1 \
        deepseek-ai/DeepSeek-V3.2 \
        deepseek-ai/DeepSeek-V3.2-Exp \
        deepseek-ai/DeepSeek-V4-Flash \
        deepseek-ai/Janus-1.3B \
        deepseek-ai/deepseek-moe-16b-base \
        deepset/roberta-base-squad2 \
        diffusers/stable-diffusion-xl-1.0-inpainting-0.1 \
        distilbert/distilbert-base-uncased \
        distilbert/distilroberta-base \
        dslim/bert-base-NER \
        facebook/bart-base \
        facebook/bart-large \
        facebook/bart-large-cnn \
        facebook/blenderbot-400M-distill \
        facebook/m2m100_418M \
        facebook/mbart-large-50 \
        facebook/musicgen-large \
        facebook/musicgen-medium \
        facebook/musicgen-small \
        facebook/musicgen-stereo-small \
        facebook/nllb-200-3.3B \
        facebook/nllb-200-distilled-600M \
        facebook/opt-1.3b \
        facebook/opt-125m \
        facebook/opt-13b \
        facebook/opt-2.7b \
        facebook/opt-30b \
        facebook/opt-6.7b \
        facebook/sam-vit-huge \
        facebook/seamless-m4t-v2-large \
        facebook/xglm-564M \
        fal/AuraFlow \
        fishaudio/s2-pro \
        google-bert/bert-base-cased \
        google-bert/bert-base-uncased \
        google-bert/bert-large-uncased \
        google-bert/bert-large-uncased-whole-word-masking-finetuned-squad \
        google-t5/t5-11b \
        google-t5/t5-3b \
        google-t5/t5-base \
        google-t5/t5-large \
        google-t5/t5-small \
        google/flan-t5-large \
        google/gemma-2-27b \
        google/gemma-2-27b-it \
        google/gemma-2-2b \
        google/gemma-2-2b-it \
        google/gemma-2-9b \
        google/gemma-2-9b-it \
        google/gemma-2b \
        google/gemma-3-12b-it \
        google/gemma-3-1b-it \
        google/gemma-3-27b-it \
        google/gemma-3-4b-it \
        google/gemma-4-31B-it \
        google/gemma-7b \
        google/medgemma-27b-it \
        google/mt5-large \
        google/recurrentgemma-2b \
        google/t5-v1_1-base \
        google/t5-v1_1-xxl \
        google/vit-base-patch16-224-in21k \
        google/vit-huge-patch14-224-in21k \
        hfl/chinese-roberta-wwm-ext \
        huggyllama/llama-13b \
        huggyllama/llama-30b \
        huggyllama/llama-65b \
        huggyllama/llama-7b \
        hunyuanvideo-community/HunyuanVideo \
        ibm-granite/granite-3.1-1b-a400m-instruct \
        ibm-granite/granite-3.1-2b-instruct \
        ibm-granite/granite-3.1-8b-instruct \
        ibm-granite/granite-3.3-8b-instruct \
        ibm-granite/granite-3b-code-instruct-128k \
        ibm-granite/granite-docling-258M \
        internlm/internlm2-chat-7b \
        intfloat/e5-mistral-7b-instruct \
        kakaobrain/karlo-v1-alpha \
        kandinsky-community/kandinsky-2-2-decoder \
        kandinsky-community/kandinsky-2-2-prior \
        lambdalabs/sd-image-variations-diffusers \
        lightonai/LightOnOCR-2-1B \
        llava-hf/llava-1.5-7b-hf \
        lmsys/vicuna-13b-v1.5 \
        lmsys/vicuna-7b-v1.5 \
        lodestones/Chroma1-HD \
        meta-llama/Llama-2-13b-chat-hf \
        meta-llama/Llama-2-13b-hf \
        meta-llama/Llama-2-70b-chat-hf \
        meta-llama/Llama-2-70b-hf \
        meta-llama/Llama-2-7b-chat-hf \
        meta-llama/Llama-2-7b-hf \
        meta-llama/Llama-3.1-405B \
        meta-llama/Llama-3.1-405B-Instruct \
        meta-llama/Llama-3.1-405B-Instruct-FP8 \
        meta-llama/Llama-3.1-70B \
        meta-llama/Llama-3.1-70B-Instruct \
        meta-llama/Llama-3.1-8B \
        meta-llama/Llama-3.1-8B-Instruct \
        meta-llama/Llama-3.2-11B-Vision-Instruct \
        meta-llama/Llama-3.2-1B \
        meta-llama/Llama-3.2-1B-Instruct \
        meta-llama/Llama-3.2-3B \
        meta-llama/Llama-3.2-3B-Instruct \
        meta-llama/Llama-3.2-90B-Vision-Instruct \
        meta-llama/Llama-3.3-70B-Instruct \
        meta-llama/Llama-4-Maverick-17B-128E-Instruct \
        meta-llama/Llama-4-Scout-17B-16E-Instruct \
        meta-llama/Meta-Llama-3-70B \
        meta-llama/Meta-Llama-3-70B-Instruct \
        meta-llama/Meta-Llama-3-8B \
        meta-llama/Meta-Llama-3-8B-Instruct \
        meta-llama/Meta-Llama-3.1-405B \
        meta-llama/Meta-Llama-3.1-70B \
        meta-llama/Meta-Llama-3.1-8B \
        microsoft/Florence-2-large \
        microsoft/Phi-3-medium-4k-instruct \
        microsoft/Phi-3-mini-128k-instruct \
        microsoft/Phi-3-mini-4k-instruct \
        microsoft/Phi-3-small-8k-instruct \
        microsoft/Phi-3-vision-128k-instruct \
        microsoft/Phi-3.5-MoE-instruct \
        microsoft/Phi-3.5-mini-instruct \
        microsoft/Phi-4-mini-instruct \
        microsoft/Phi-mini-MoE-instruct \
        microsoft/WizardLM-2-8x22B \
        microsoft/git-base \
        microsoft/phi-1_5 \
        microsoft/phi-2 \
        microsoft/phi-4 \
        mistralai/Codestral-22B-v0.1 \
        mistralai/Devstral-Small-2507 \
        mistralai/Mamba-Codestral-7B-v0.1 \
        mistralai/Ministral-8B-Instruct-2410 \
        mistralai/Mistral-7B-Instruct-v0.1 \
        mistralai/Mistral-7B-Instruct-v0.2 \
        mistralai/Mistral-7B-Instruct-v0.3 \
        mistralai/Mistral-7B-v0.1 \
        mistralai/Mistral-7B-v0.3 \
        mistralai/Mistral-Large-Instruct-2407 \
        mistralai/Mistral-Nemo-Base-2407 \
        mistralai/Mistral-Nemo-Instruct-2407 \
        mistralai/Mistral-Small-24B-Instruct-2501 \
        mistralai/Mixtral-8x22B-v0.1 \
        mistralai/Mixtral-8x7B-Instruct-v0.1 \
        mistralai/Mixtral-8x7B-v0.1 \
        moonshotai/Kimi-K2.5 \
        moonshotai/Kimi-K2.6 \
        moonshotai/Kimi-K3 \
        moonshotai/Kimi-Linear-48B-A3B-Instruct \
        mosaicml/mpt-7b \
        mosaicml/mpt-7b-instruct \
        nanonets/Nanonets-OCR-s \
        nghuyong/ernie-3.0-base-zh \
        nlpconnect/vit-gpt2-image-captioning \
        nomic-ai/nomic-embed-text-v1.5 \
        nvidia/Cosmos-Reason2-8B \
        nvidia/GLM-5.1-NVFP4 \
        nvidia/Gemma-4-26B-A4B-NVFP4 \
        nvidia/Llama-3.1-Nemotron-70B-Instruct-HF \
        nvidia/Llama-3_3-Nemotron-Super-49B-v1 \
        nvidia/MiniMax-M2.5-NVFP4 \
        nvidia/MiniMax-M2.7-NVFP4 \
        nvidia/MiniMax-M3-NVFP4 \
        nvidia/Mistral-NeMo-Minitron-8B-Base \
        nvidia/NV-Embed-v2 \
        nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16 \
        nvidia/NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16 \
        nvidia/Nemotron-H-56B-Base-8K \
        nvidia/Qwen3.5-397B-A17B-NVFP4 \
        nvidia/Qwen3.6-27B-NVFP4 \
        nvidia/Qwen3.6-35B-A3B-NVFP4 \
        openai-community/gpt2 \
        openai-community/gpt2-large \
        openai-community/gpt2-medium \
        openai-community/gpt2-xl \
        openai/clip-vit-base-patch16 \
        openai/clip-vit-base-patch32 \
        openai/clip-vit-large-patch14 \
        openai/clip-vit-large-patch14-336 \
        openai/gpt-oss-120b \
        openai/gpt-oss-20b \
        openai/whisper-base \
        openai/whisper-large-v2 \
        openai/whisper-large-v3 \
        openai/whisper-large-v3-turbo \
        openai/whisper-medium \
        openai/whisper-small \
        openai/whisper-tiny \
        openbmb/MiniCPM-Llama3-V-2_5 \
        openbmb/MiniCPM-V-2 \
        openbmb/MiniCPM-V-2_6 \
        openbmb/MiniCPM-V-4_5 \
        openbmb/MiniCPM3-4B \
        openflamingo/OpenFlamingo-3B-vitl-mpt1b \
        openflamingo/OpenFlamingo-9B-vitl-mpt7b \
        playgroundai/playground-v2.5-1024px-aesthetic \
        runwayml/stable-diffusion-inpainting \
        runwayml/stable-diffusion-v1-5 \
        sentence-transformers/LaBSE \
        sentence-transformers/all-MiniLM-L6-v2 \
        sentence-transformers/distiluse-base-multilingual-cased-v1 \
        sgl-project/DeepSeek-V4-Pro-FP8 \
        stabilityai/stable-audio-open-1.0 \
        stabilityai/stable-cascade \
        stabilityai/stable-cascade-prior \
        stabilityai/stable-code-3b \
        stabilityai/stable-diffusion-2-1 \
        stabilityai/stable-diffusion-2-1-base \
        stabilityai/stable-diffusion-2-inpainting \
        stabilityai/stable-diffusion-3-medium-diffusers \
        stabilityai/stable-diffusion-3.5-large \
        stabilityai/stable-diffusion-3.5-medium \
        stabilityai/stable-diffusion-x4-upscaler \
        stabilityai/stable-diffusion-xl-base-1.0 \
        stabilityai/stable-diffusion-xl-refiner-1.0 \
        stabilityai/stablelm-2-1_6b \
        stabilityai/stablelm-3b-4e1t \
        stable-diffusion-v1-5/stable-diffusion-v1-5 \
        state-spaces/mamba-1.4b \
        state-spaces/mamba-1.4b-hf \
        state-spaces/mamba-130m \
        state-spaces/mamba-130m-hf \
        state-spaces/mamba-2.8b \
        state-spaces/mamba-2.8b-hf \
        state-spaces/mamba-370m \
        state-spaces/mamba-370m-hf \
        state-spaces/mamba-790m \
        state-spaces/mamba-790m-hf \
        state-spaces/mamba2-1.3b \
        state-spaces/mamba2-130m \
        state-spaces/mamba2-2.7b \
        state-spaces/mamba2-370m \
        state-spaces/mamba2-780m \
        stepfun-ai/Step-3.7-Flash \
        suno/bark \
        suno/bark-small \
        thenlper/gte-small \
        tiiuae/Falcon3-10B-Base \
        tiiuae/Falcon3-7B-Base \
        tiiuae/falcon-180B-chat \
        tiiuae/falcon-40b \
        tiiuae/falcon-7b \
        tiiuae/falcon-7b-instruct \
        tiiuae/falcon-mamba-7b \
        togethercomputer/RedPajama-INCITE-7B-Base \
        vinai/PhoWhisper-tiny \
        xai-org/grok-1 \
        xverse/XVERSE-7B \
        zai-org/CogVideoX-2b \
        zai-org/CogVideoX-5b \
        zai-org/GLM-4.5 \
        zai-org/GLM-4.5-Air \
        zai-org/GLM-4.7-Flash \
        zai-org/GLM-5 \
        zai-org/GLM-5.1-FP8 \
        zai-org/GLM-5.3-FP8 \
        zai-org/glm-4-9b-hf
end
complete -c llmmem -f
complete -c llmmem -n __fish_use_subcommand -s h -l help -d 'Show the commands and exit.'
complete -c llmmem -n __fish_use_subcommand -l version -d 'Show the version.'
complete -c llmmem -n __fish_use_subcommand -l completions -x -a 'bash zsh fish powershell' -d 'Print a script.'
complete -c llmmem -n __fish_use_subcommand -a calc -d 'How much memory a model needs, line by line, and which GPUs hold it.'
complete -c llmmem -n __fish_use_subcommand -a compare -d 'Several models, or several deployments, side by side; with --check a test for CI.'
complete -c llmmem -n __fish_use_subcommand -a max-batch -d 'The largest batch at a context, and the longest context at a batch, that fit.'
complete -c llmmem -n __fish_use_subcommand -a attention -d 'KV cache and state over contexts: bytes, growth per token, share of the total.'
complete -c llmmem -n __fish_use_subcommand -a gpus -d 'The GPUs llmmem knows: memory, what programs can use of it, bandwidth, peak rates, interconnect.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention gpus' -l help -s h -d 'Show this message and exit.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l precision -x -a 'auto fp32 fp16 bf16 fp8 int8 int4 nf4 fp4 gptq awq mxfp4 nvfp4 gguf_f16 gguf_bf16 q8_0 q6_k q5_k_m q5_k_s q5_1 q5_0 q4_k_m q4_k_s q4_1 q4_0 q3_k_l q3_k_m q3_k_s q2_k q2_k_s iq4_nl iq4_xs iq3_m iq3_s iq3_xs iq3_xxs iq2_m iq2_s iq2_xs iq2_xxs iq1_m iq1_s tq2_0 tq1_0 mxfp4_moe' -d 'Weights'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare attention' -l batch -x -d 'Requests at once.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch' -l context -x -d 'Tokens of one request, prompt and answer (4096, 32k).'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l kv-precision -x -a 'auto fp32 fp16 bf16 fp8 fp8_per_token_head int8_per_token_head int4_per_token_head nvfp4 fp8_ds_mla nvfp4_ds_mla turboquant_k8v4 turboquant_4bit_nc turboquant_k3v4_nc turboquant_3bit_nc q8_0 q4_0 q4_1 iq4_nl q5_0 q5_1' -d 'KV cache'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l tp -x -d 'Tensor parallel ranks; sizes are those of the fullest.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l pp -x -d 'Pipeline parallel stages.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l ep -x -d 'Expert parallel ranks.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l dp -x -d 'Data parallel replicas of the attention.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l engine -x -a 'auto transformers vllm sglang llama.cpp tensorrt-llm tgi diffusers' -d 'What runs the model: transformers vllm sglang llama.cpp diffusers tensorrt-llm tgi; auto: by its file.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch gpus' -l gpu -x -a 'p100-pcie-16gb p100-pcie-12gb p100-sxm2-16gb p40-24gb v100-pcie-16gb v100-sxm2-16gb v100-sxm2-32gb v100-pcie-32gb v100s-pcie-32gb t4 t4g a2 a10 a10g a16 a30 a40 a100-pcie-40gb a100-sxm-40gb a100-pcie-80gb a100-sxm-80gb a800-pcie-80gb a800-sxm-80gb a800-pcie-40gb l4 l20 l40 l40s h20-96gb h20-141gb h100-pcie-80gb h100-sxm-80gb h100-nvl-94gb h100-sxm-96gb h100-sxm-64gb h800-sxm-80gb h800-pcie-80gb gh200-96gb gh200-144gb h200-sxm-141gb h200-nvl-141gb b100 b200-sxm b300-sxm gb200 gb300 gb300-ws rubin-vr200 rtx-pro-6000-server-96gb rtx-pro-6000-ws-96gb rtx-pro-6000-maxq-96gb rtx-pro-5000-48gb rtx-pro-5000-72gb rtx-pro-4500-32gb rtx-pro-4000-24gb rtx-pro-4000-sff-24gb rtx-pro-2000-16gb rtx-6000-ada-48gb rtx-5880-ada-48gb rtx-5000-ada-32gb rtx-4500-ada-24gb rtx-4000-ada-20gb rtx-4000-sff-ada-20gb rtx-2000-ada-16gb rtx-a6000-48gb rtx-a5500-24gb rtx-a5000-24gb rtx-a4500-20gb rtx-a4000-16gb rtx-a2000-12gb rtx-a2000-6gb quadro-rtx-8000-48gb quadro-rtx-6000-24gb titan-rtx-24gb gtx-1080-ti-11gb rtx-2060-6gb rtx-2060-12gb rtx-2060-super-8gb rtx-2070-8gb rtx-2070-super-8gb rtx-2080-8gb rtx-2080-super-8gb rtx-2080-ti-11gb rtx-3050-8gb rtx-3050-6gb rtx-3060-12gb rtx-3060-ti-8gb rtx-3070-8gb rtx-3070-ti-8gb rtx-3080-10gb rtx-3080-12gb rtx-3080-ti-12gb rtx-3090-24gb rtx-3090-ti-24gb rtx-4060-8gb rtx-4060-ti-8gb rtx-4060-ti-16gb rtx-4070-12gb rtx-4070-super-12gb rtx-4070-ti-12gb rtx-4070-ti-super-16gb rtx-4080-16gb rtx-4080-super-16gb rtx-4090-24gb rtx-4090-d-24gb rtx-5050-8gb rtx-5060-8gb rtx-5060-ti-8gb rtx-5060-ti-16gb rtx-5070-12gb rtx-5070-ti-16gb rtx-5080-16gb rtx-5090-32gb rtx-5090-d-32gb rtx-5090-d-v2-24gb rtx-3050-laptop-4gb rtx-3060-laptop-6gb rtx-3070-laptop-8gb rtx-3080-laptop-16gb rtx-4050-laptop-6gb rtx-4060-laptop-8gb rtx-4070-laptop-8gb rtx-4080-laptop-12gb rtx-4090-laptop-16gb rtx-5050-laptop-8gb rtx-5060-laptop-8gb rtx-5070-laptop-8gb rtx-5070-ti-laptop-12gb rtx-5080-laptop-16gb rtx-5090-laptop-24gb jetson-orin-nano-8gb jetson-orin-nx-16gb jetson-orin-nx-8gb jetson-agx-orin-32gb jetson-agx-orin-64gb jetson-agx-xavier-32gb jetson-thor-128gb dgx-spark-gb10 mi50-16gb mi50-32gb mi60-32gb mi100-32gb mi210-64gb mi250-128gb mi250x-128gb mi300a-128gb mi300x-192gb mi308x-128gb mi325x-256gb mi350x-288gb mi355x-288gb mi430x mi440x mi455x rx-6800-16gb rx-6800-xt-16gb rx-6900-xt-16gb rx-7600-8gb rx-7600-xt-16gb rx-7700-xt-12gb rx-7800-xt-16gb rx-7900-gre-16gb rx-7900-xt-20gb rx-7900-xtx-24gb rx-9060-xt-8gb rx-9060-xt-16gb rx-9070-16gb rx-9070-xt-16gb w7800-32gb w7900-48gb r9700-32gb v620-32gb strix-halo-128gb arc-a770-16gb arc-a750-8gb arc-b570-10gb arc-b580-12gb arc-pro-b50-16gb arc-pro-b60-24gb arc-pro-b70-32gb max-1100-48gb max-1550-128gb gaudi2-96gb gaudi3-128gb apple-m1-8gb apple-m1-16gb apple-m1-pro-16gb apple-m1-pro-32gb apple-m1-max-32gb apple-m1-max-64gb apple-m1-ultra-64gb apple-m1-ultra-128gb apple-m2-8gb apple-m2-16gb apple-m2-24gb apple-m2-pro-16gb apple-m2-pro-32gb apple-m2-max-32gb apple-m2-max-64gb apple-m2-max-96gb apple-m2-ultra-64gb apple-m2-ultra-128gb apple-m2-ultra-192gb apple-m3-8gb apple-m3-16gb apple-m3-24gb apple-m3-pro-18gb apple-m3-pro-36gb apple-m3-max-36gb apple-m3-max-48gb apple-m3-max-64gb apple-m3-max-96gb apple-m3-max-128gb apple-m3-ultra-96gb apple-m3-ultra-256gb apple-m3-ultra-512gb apple-m4-16gb apple-m4-24gb apple-m4-32gb apple-m4-pro-24gb apple-m4-pro-48gb apple-m4-pro-64gb apple-m4-max-36gb apple-m4-max-48gb apple-m4-max-64gb apple-m4-max-128gb apple-m5-16gb apple-m5-24gb apple-m5-32gb apple-m5-pro-24gb apple-m5-pro-36gb apple-m5-pro-48gb apple-m5-pro-64gb apple-m5-max-36gb apple-m5-max-48gb apple-m5-max-64gb apple-m5-max-128gb tpu-v3 tpu-v4 tpu-v5e tpu-v5p tpu-v6e tpu-v7 inferentia2 trainium1 trainium2 trainium3 ascend-910a-32gb ascend-910b1-64gb ascend-910b2-64gb ascend-910b3-64gb ascend-910b4-32gb ascend-910c ascend-310p-48gb ascend-950pr mlu370-x8-48gb mlu590-80gb mtt-s4000-48gb mtt-s3000-32gb hygon-k100-ai-64gb hygon-z100-32gb biren-br100-64gb biren-br104-32gb metax-c500-64gb metax-c550-64gb kunlun-p800-96gb iluvatar-bi-v100-32gb tt-n300 tt-p150 g4dn.xlarge g4dn.2xlarge g4dn.4xlarge g4dn.8xlarge g4dn.12xlarge g4dn.16xlarge g4dn.metal g5.xlarge g5.2xlarge g5.4xlarge g5.8xlarge g5.12xlarge g5.16xlarge g5.24xlarge g5.48xlarge g5g.xlarge g5g.2xlarge g5g.4xlarge g5g.8xlarge g5g.16xlarge g5g.metal g6.xlarge g6.2xlarge g6.4xlarge g6.8xlarge g6.12xlarge g6.16xlarge g6.24xlarge g6.48xlarge g6e.xlarge g6e.2xlarge g6e.4xlarge g6e.8xlarge g6e.12xlarge g6e.16xlarge g6e.24xlarge g6e.48xlarge g6f.large g6f.xlarge g6f.2xlarge g6f.4xlarge g7.2xlarge g7.4xlarge g7.8xlarge g7.12xlarge g7.24xlarge g7.48xlarge g7e.2xlarge g7e.4xlarge g7e.8xlarge g7e.12xlarge g7e.24xlarge g7e.48xlarge gr6.4xlarge gr6.8xlarge gr6f.4xlarge inf2.xlarge inf2.8xlarge inf2.24xlarge inf2.48xlarge p3dn.24xlarge p4d.24xlarge p4de.24xlarge p5.4xlarge p5.48xlarge p5e.48xlarge p5en.48xlarge p6-b200.48xlarge p6-b300.48xlarge trn1.2xlarge trn1.32xlarge trn1n.32xlarge trn2.48xlarge a2-highgpu-1g a2-ultragpu-1g a2-highgpu-2g a2-ultragpu-2g a2-highgpu-4g a2-ultragpu-4g a2-highgpu-8g a2-ultragpu-8g a2-megagpu-16g g2-standard-4 g2-standard-8 g2-standard-24 g2-standard-48 g2-standard-96 a3-highgpu-8g a3-megagpu-8g a3-ultragpu-8g a4-highgpu-8g a4x-highgpu-4g a4x-maxgpu-4g-metal g4-standard-6 g4-standard-12 g4-standard-24 Standard_NV36ads_A10_v5 Standard_NV72ads_A10_v5 Standard_NC24ads_A100_v4 Standard_NC48ads_A100_v4 Standard_NC96ads_A100_v4 Standard_ND96asr_v4 Standard_ND96amsr_A100_v4 Standard_NC40ads_H100_v5 Standard_NC80adis_H100_v5 Standard_ND96isr_H100_v5 Standard_NCC40ads_H100_v5 Standard_ND96isr_H200_v5 Standard_NG32ads_V620_v1 Standard_NC4as_T4_v3 Standard_NC8as_T4_v3 Standard_NC16as_T4_v3 Standard_NC64as_T4_v3 Standard_ND96isr_MI300X_v5 Standard_ND40rs_v2 Standard_ND128isr_NDR_GB200_v6 BM.GPU.B300.8 BM.GPU.GB200.4 BM.GPU.GB300.4 BM.GPU.RTXPRO.8 VM.GPU.A10.1 gpu_8x_a100_80gb_sxm4 gpu_1x_a10 local' -d 'Only this GPU, cloud instance or local; may be given several times.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch' -l gpus -x -d 'Share the model among so many GPUs, in the layout that suits the engine.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch gpus' -l gpus-file -r -F -d 'A YAML file with more GPUs; see configs/gpus.yaml.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l encoder-length -x -d 'Tokens the encoder reads.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l images -x -d 'Pictures per request, on top of the context.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l video-frames -x -d 'Frames of a film per request, on top of the context.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l image-size -x -d 'Their size in pixels.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l audio -x -d 'Sound per request, on top of the context.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l overhead -x -d 'Factor on everything (1.2 = +20 %).'
complete -c llmmem -n '__fish_seen_subcommand_from calc' -l explain -d 'Show every component and layer kind with its tensors.'
complete -c llmmem -n '__fish_seen_subcommand_from calc' -l emit -x -a 'vllm sglang llama.cpp' -d 'Print only the command that serves it: vllm sglang llama.cpp.'
complete -c llmmem -n '__fish_seen_subcommand_from calc' -l against -x -d 'Set the memory lines of a start-up log (- is stdin) beside it.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l as -x -d 'Read the config as this model type, whatever it says.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l headers -d 'Read the headers of the files on the Hub too: weights as they are stored.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l revision -x -d 'Branch, tag or commit on the Hub.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l token -x -d 'Hugging Face token.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l offline -d 'Never ask the Hub.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention gpus' -l json -d 'Print one JSON object.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention gpus' -l format -x -a 'table json csv markdown svg' -d 'table (default) json csv markdown svg.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention gpus' -l output -r -F -d 'Write it there: .svg .json .csv .md, else as a table.'
complete -c llmmem -n '__fish_seen_subcommand_from calc' -l quiet -s q -d 'Print the total alone, in --unit, for scripts.'
complete -c llmmem -n '__fish_seen_subcommand_from calc' -l unit -x -a 'GiB GB MiB bytes' -d 'Of --quiet: GiB GB MiB bytes.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch' -l check -d 'Exit with 3 when it does not fit.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare' -l fail-over -x -d 'Exit with 3 when the high end on a GPU is above this (70GiB).'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l attn-implementation -x -a 'sdpa eager' -d 'transformers: attention kernels: sdpa, eager'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l logits -x -a 'last all' -d 'transformers: logits of the last token or of all: last, all'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l cache-implementation -x -a 'dynamic static quantized' -d 'transformers: how the cache is kept: dynamic, static, quantized'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l gpu-memory-utilization -x -d 'vllm: share of the GPU\'s memory it may fill'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l max-num-batched-tokens -x -d 'vllm: tokens of one step'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l max-num-seqs -x -d 'vllm: requests at once'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l kv-cache-memory-bytes -x -d 'vllm: bytes of the KV pool, instead of what the share leaves'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l block-size -x -d 'vllm: tokens of a KV block; tgi: tokens of a KV block: 1 FlashInfer, 256 flash decoding, 16 paged'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l decode-context-parallel-size -x -d 'vllm: ranks of --tp that share the tokens of a request'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l enable-expert-parallel -d 'vllm: whole experts on each rank instead of a slice of each'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l no-enable-expert-parallel -d 'vllm: whole experts on each rank instead of a slice of each'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l enable-prefix-caching -d 'vllm: keep the KV blocks of prompts that come again'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l no-enable-prefix-caching -d 'vllm: keep the KV blocks of prompts that come again'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l mamba-ssm-cache-dtype -x -a 'auto float16 bfloat16 float32' -d 'vllm: recurrent state'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l enforce-eager -d 'vllm: no CUDA graphs'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l no-enforce-eager -d 'vllm: no CUDA graphs'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l mem-fraction-static -x -d 'sglang: share of the memory free before loading, for weights and pools'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l chunked-prefill-size -x -d 'sglang: tokens of a chunk of a prompt'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l page-size -x -d 'sglang: tokens of a page of the KV pool'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l max-running-requests -x -d 'sglang: requests at once'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l swa-full-tokens-ratio -x -d 'sglang: tokens of layers with windows for each of the others'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l mamba-full-memory-ratio -x -d 'sglang: recurrent state for each byte of KV pool'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l disable-radix-cache -d 'sglang: keep no prompts'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l no-disable-radix-cache -d 'sglang: keep no prompts'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l n-batch -x -d 'llama.cpp: tokens handed in at once'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l n-ubatch -x -d 'llama.cpp: tokens computed at once'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l n-parallel -x -d 'llama.cpp: slots; without it 4, or --batch, that share the cache'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l type-k -x -a 'f32 f16 bf16 q8_0 q4_0 q4_1 iq4_nl q5_0 q5_1' -d 'llama.cpp: cached keys; without it --kv-precision: f32, f16, bf16, q8_0, q4_0, q4_1, iq4_nl, q5_0, q5_1'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l type-v -x -a 'f32 f16 bf16 q8_0 q4_0 q4_1 iq4_nl q5_0 q5_1' -d 'llama.cpp: cached values; without it --kv-precision: f32, f16, bf16, q8_0, q4_0, q4_1, iq4_nl, q5_0, q5_1'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l flash-attn -x -a 'auto on off' -d 'llama.cpp: flash attention'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l kv-unified -d 'llama.cpp: one cache for all slots; without it as llama-server does'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l no-kv-unified -d 'llama.cpp: one cache for all slots; without it as llama-server does'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l swa-full -d 'llama.cpp: sliding windows keep the whole context'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l no-swa-full -d 'llama.cpp: sliding windows keep the whole context'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l n-outputs-max -x -d 'llama.cpp: tokens of a batch with logits, 0: all; without it one for each slot'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l n-gpu-layers -x -d 'llama.cpp: layers on the GPU, the output one of them; without it all'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l height -x -d 'diffusers: height of the pictures in pixels; without it the pipeline\'s own'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l width -x -d 'diffusers: width of the pictures in pixels; without it the pipeline\'s own'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l frames -x -d 'diffusers: frames of a film; without it the pipeline\'s own'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l guidance -x -a 'auto on off' -d 'diffusers: classifier-free guidance; auto: as the pipeline does'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l max-sequence-length -x -d 'diffusers: tokens of the prompt; without it the pipeline\'s own'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l offload -x -a 'none model sequential' -d 'diffusers: what waits in host memory: none, model, sequential'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l vae-tiling -d 'diffusers: decode large pictures tile by tile'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l no-vae-tiling -d 'diffusers: decode large pictures tile by tile'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l drop -x -d 'diffusers: components left out, such as text_encoder_3'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l text-encoder-precision -x -a 'auto fp32 fp16 bf16 fp8 int8 int4 nf4 fp4 gptq awq mxfp4 nvfp4 gguf_f16 gguf_bf16 q8_0 q6_k q5_k_m q5_k_s q5_1 q5_0 q4_k_m q4_k_s q4_1 q4_0 q3_k_l q3_k_m q3_k_s q2_k q2_k_s iq4_nl iq4_xs iq3_m iq3_s iq3_xs iq3_xxs iq2_m iq2_s iq2_xs iq2_xxs iq1_m iq1_s tq2_0 tq1_0 mxfp4_moe' -d 'diffusers: encoders of prompts and pictures'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l transformer-precision -x -a 'auto fp32 fp16 bf16 fp8 int8 int4 nf4 fp4 gptq awq mxfp4 nvfp4 gguf_f16 gguf_bf16 q8_0 q6_k q5_k_m q5_k_s q5_1 q5_0 q4_k_m q4_k_s q4_1 q4_0 q3_k_l q3_k_m q3_k_s q2_k q2_k_s iq4_nl iq4_xs iq3_m iq3_s iq3_xs iq3_xxs iq2_m iq2_s iq2_xs iq2_xxs iq1_m iq1_s tq2_0 tq1_0 mxfp4_moe' -d 'diffusers: what denoises: transformer, UNet, prior'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l vae-precision -x -a 'auto fp32 fp16 bf16 fp8 int8 int4 nf4 fp4 gptq awq mxfp4 nvfp4 gguf_f16 gguf_bf16 q8_0 q6_k q5_k_m q5_k_s q5_1 q5_0 q4_k_m q4_k_s q4_1 q4_0 q3_k_l q3_k_m q3_k_s q2_k q2_k_s iq4_nl iq4_xs iq3_m iq3_s iq3_xs iq3_xxs iq2_m iq2_s iq2_xs iq2_xxs iq1_m iq1_s tq2_0 tq1_0 mxfp4_moe' -d 'diffusers: what decodes'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l free-gpu-memory-fraction -x -d 'tensorrt-llm: share of what is free after a trial run, for the KV pool'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l max-num-tokens -x -d 'tensorrt-llm: tokens of one step'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l max-batch-size -x -d 'tensorrt-llm: requests at once'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l tokens-per-block -x -d 'tensorrt-llm: tokens of a KV block'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l cuda-memory-fraction -x -d 'tgi: share of the GPU\'s memory it may fill'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -l max-batch-prefill-tokens -x -d 'tgi: tokens of one prefill'
complete -c llmmem -n '__fish_seen_subcommand_from compare' -l file -r -F -d 'A YAML list of deployments: model, name, budget and any option.'
complete -c llmmem -n '__fish_seen_subcommand_from compare' -l sort -x -a 'name model parameters active_parameters batch context tp pp weights kv_cache state activations image overhead total high usable budget -name -model -parameters -active_parameters -batch -context -tp -pp -weights -kv_cache -state -activations -image -overhead -total -high -usable -budget' -d 'Order by a column, such as total or -parameters.'
complete -c llmmem -n '__fish_seen_subcommand_from compare' -l baseline -r -F -d 'What grew since this --json report.'
complete -c llmmem -n '__fish_seen_subcommand_from compare' -l junit -r -F -d 'With --check: write the verdicts as JUnit XML.'
complete -c llmmem -n '__fish_seen_subcommand_from compare' -l summary -r -F -d 'Write the answer as Markdown too.'
complete -c llmmem -n '__fish_seen_subcommand_from max-batch' -l gpu-memory -x -d 'Memory that programs can use, such as 80GiB.'
complete -c llmmem -n '__fish_seen_subcommand_from max-batch' -l for -x -a 'batch context concurrency gpus precision' -d 'What is asked: batch context concurrency gpus precision.'
complete -c llmmem -n '__fish_seen_subcommand_from max-batch' -l contexts -x -d 'A grid: the largest batch at each of these.'
complete -c llmmem -n '__fish_seen_subcommand_from max-batch' -l batch -x -d 'Batch the longest context is worked out for.'
complete -c llmmem -n '__fish_seen_subcommand_from attention' -l contexts -x -d 'Contexts to look at.'
complete -c llmmem -n '__fish_seen_subcommand_from gpus' -l vendor -x -a 'NVIDIA AMD Intel Apple Google AWS Huawei Cambricon Moore Threads Hygon Biren MetaX Baidu Iluvatar Tenstorrent' -d 'Only this vendor (NVIDIA, AMD, Apple ...).'
complete -c llmmem -n '__fish_seen_subcommand_from gpus' -l min-memory -x -d 'Only with at least this much usable memory.'
complete -c llmmem -n '__fish_seen_subcommand_from gpus' -l local -d 'This machine\'s own, and what is free on them.'
complete -c llmmem -n '__fish_seen_subcommand_from calc compare max-batch attention' -F -a '(__llmmem_models)'
