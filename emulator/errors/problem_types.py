"""What the rules inside each configuration of AutoMLProblemTypeConfig tell."""

from collections.abc import Sequence

from emulator.errors.kinds import ApiError, listed, refused

# TextGenerationJobConfig.


@listed("inferred", "the developer guide lists the models")
def unknown_base_model(name: str, known: Sequence[str]) -> ApiError:
    """A BaseModelName that is not on AWS's list."""
    return refused(f"BaseModelName {name} is not supported. Supported: {', '.join(known)}.")


@listed("inferred", "documented: AcceptEula must be explicitly defined as True for models that require it")
def eula_not_accepted(model: str) -> ApiError:
    """A base model under a licence that the request does not accept."""
    return refused(
        f"BaseModelName {model} requires the acceptance of its end-user license agreement. "
        "Set AcceptEula in ModelAccessConfig to True to accept it."
    )


@listed("inferred", "the user guide names four hyperparameters")
def unknown_hyperparameter(name: str, known: Sequence[str]) -> ApiError:
    """A hyperparameter that text generation does not have."""
    return refused(f"Hyperparameter {name} is not supported. Supported: {', '.join(known)}.")


@listed("inferred", "documented: a string containing an integer value, or a floating-point value")
def hyperparameter_no_number(name: str, value: str, kind: str) -> ApiError:
    """A hyperparameter whose text is not of its type; `kind` bears its article."""
    return refused(f"Hyperparameter {name} must be a string containing {kind} value, but is {value}.")


@listed("inferred", "documented: the range of each hyperparameter")
def hyperparameter_out_of_range(name: str, value: str, low: float, high: float) -> ApiError:
    """A hyperparameter out of its range; both ends belong to the range."""
    return refused(f"Hyperparameter {name} must be within the range of {low:g} to {high:g}, but is {value}.")


# TabularJobConfig.


@listed("inferred", "documented: AlgorithmsConfig should not be set when the training mode is set to AUTO")
def algorithms_in_auto_mode() -> ApiError:
    """A choice of algorithms where the service chooses the mode."""
    return refused("AlgorithmsConfig must not be set when Mode is AUTO.")


@listed("inferred", "documented: selected algorithms must belong to the list of the training mode or problem type")
def algorithm_not_supported(algorithm: str, what: str, supported: Sequence[str]) -> ApiError:
    """An algorithm of another mode or problem type; `what` names the one that is asked for."""
    return refused(f"Algorithm {algorithm} is not supported for {what}. Supported: {', '.join(supported)}.")


@listed("inferred", "documented: support for sample weights is available in ensembling mode only")
def sample_weights_not_supported(mode: str) -> ApiError:
    """SampleWeightAttributeName in another mode."""
    return refused(f"SampleWeightAttributeName is not supported when Mode is {mode}. Supported: ENSEMBLING.")


# TextClassificationJobConfig.


@listed("inferred", "documented: the content column should not be the same as the target column")
def same_columns(column: str) -> ApiError:
    """One column for the sentences and for their labels."""
    return refused(f"ContentColumn and TargetLabelColumn must not be the same, but are both {column}.")


# TimeSeriesForecastingJobConfig.


@listed("inferred", "documented: the supported filling methods and their options")
def unsupported_filling(method: str, value: str, supported: Sequence[str]) -> ApiError:
    """A filling method with an option that it does not have."""
    return refused(f"Filling method {method} does not support {value}. Supported: {', '.join(supported)}.")


@listed("inferred", "documented: frontfill is supported only for the target column")
def front_filling_not_supported(column: str) -> ApiError:
    """Frontfill of a column that is not the target."""
    return refused(f"Filling method frontfill is supported only for the target column, but is set for {column}.")


@listed("inferred", "documented: to fill with a value, include the parameter with the suffix _value too")
def filling_value_missing(method: str, column: str) -> ApiError:
    """A filling with a value, without the value."""
    return refused(f"{method}_value must be set for column {column} when its filling method {method} is value.")


@listed("inferred", "documented: aggregation is only supported for the target column")
def aggregation_not_supported(column: str) -> ApiError:
    """Aggregation of a column that is not the target."""
    return refused(f"Aggregation is supported only for the target column, but is set for {column}.")
