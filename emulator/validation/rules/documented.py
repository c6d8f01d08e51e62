"""What AWS documents of each problem type's input, objective and resources, as data.

From the API reference: AutoMLJobChannel, CreateAutoMLJobV2, AutoMLJobObjective, AutoMLJobCompletionCriteria,
EmrServerlessComputeConfig.
"""

from dataclasses import dataclass

CSV = "text/csv;header=present"
PARQUET = "x-application/vnd.amazon+parquet"


@dataclass(frozen=True)
class Documented:
    """One problem type: what it reads, which metrics it optimizes, what it may use; the first content type is default.

    `metrics` is empty where the service alone decides; tabular metrics depend on ProblemType instead.
    """

    data_types: tuple[str, ...]
    content_types: tuple[str, ...] = (CSV, PARQUET)
    gzip: bool = False
    metrics: tuple[str, ...] = ()
    candidates: int = 1
    emr_serverless: bool = False


DOCUMENTED: dict[str, Documented] = {
    "ImageClassification": Documented(
        data_types=("S3Prefix", "ManifestFile", "AugmentedManifestFile"),
        content_types=("image/*", "image/png", "image/jpeg"),
        metrics=("Accuracy",),
    ),
    "Tabular": Documented(
        data_types=("S3Prefix", "ManifestFile"),
        gzip=True,
        candidates=750,
        emr_serverless=True,
    ),
    "TextClassification": Documented(data_types=("S3Prefix",), metrics=("Accuracy",)),
    "TextGeneration": Documented(data_types=("S3Prefix",)),
    "TimeSeriesForecasting": Documented(
        data_types=("S3Prefix",),
        # The API reference has Gzip for tabular data only; this problem type's own guide allows it. In doubt, allowed.
        gzip=True,
        metrics=("RMSE", "AverageWeightedQuantileLoss", "MASE", "MAPE", "WAPE"),
        emr_serverless=True,
    ),
}
"""By AutoMLProblemTypeConfigName."""

TABULAR_METRICS: dict[str, tuple[str, ...]] = {
    "Regression": ("MAE", "MSE", "R2", "RMSE"),
    "BinaryClassification": ("Accuracy", "AUC", "BalancedAccuracy", "F1", "Precision", "Recall"),
    "MulticlassClassification": ("Accuracy", "BalancedAccuracy", "F1macro", "PrecisionMacro", "RecallMacro"),
}
"""The metrics of each ProblemType of TabularJobConfig (AutoMLJobObjective)."""

TABULAR_ALGORITHMS: dict[str, tuple[str, ...]] = {
    "ENSEMBLING": (
        "catboost",
        "extra-trees",
        "fastai",
        "lightgbm",
        "linear-learner",
        "nn-torch",
        "randomforest",
        "xgboost",
    ),
    "HYPERPARAMETER_TUNING": ("linear-learner", "mlp", "xgboost"),
}
"""The algorithms of each Mode of TabularJobConfig (AutoMLAlgorithmConfig)."""

TIME_SERIES_ALGORITHMS = ("cnn-qr", "deepar", "prophet", "arima", "npts", "ets")
"""The algorithms of TimeSeriesForecastingJobConfig (AutoMLAlgorithmConfig)."""

_FILLINGS = ("zero", "value", "median", "mean", "min", "max")
TIME_SERIES_FILLINGS: dict[str, tuple[str, ...]] = {
    "frontfill": ("none",),
    "middlefill": _FILLINGS,
    "backfill": _FILLINGS,
    "futurefill": _FILLINGS,
}
"""The options of each filling method (TimeSeriesTransformations)."""

ALSO_FILLINGS = ("nan",)
"""Options that the developer guide has and the API reference does not: taken, not advertised."""
