"""The constraints of the service model: each in its words, all in one message."""

import copy
import math

import pytest

from emulator.validation.constraints import check
from tests.support.full_request import FULL, ROLE, changed, refused, violations

TEXT = "AutoMLProblemTypeConfig.TextGenerationJobConfig"
TEXT_PATH = "autoMLProblemTypeConfig.textGenerationJobConfig"
CRITERIA = f"{TEXT_PATH}.completionCriteria"
PATTERN = "Member must satisfy regular expression pattern:"
ENUM = "Member must satisfy enum value set:"
SHORT_32, SHORT_16 = (
    f"must satisfy constraint: [Member must have length less than or equal to {most}, "
    f"Member must have length greater than or equal to 0, {PATTERN}"
    for most in (32, 16)
)
SERIES = {
    "ForecastFrequency": "1D",
    "ForecastHorizon": 5,
    "TimeSeriesConfig": {
        "TargetAttributeName": "y",
        "TimestampAttributeName": "t",
        "ItemIdentifierAttributeName": "i",
    },
}

# A change to the full request; then for each violation AWS's path, the value as printed, and the phrase.
Told = tuple[str, str, str]
WORDS: list[tuple[str, object, list[Told]]] = [
    ("RoleArn", None, [("roleArn", "null", "Member must not be null")]),
    (
        "AutoMLJobName",
        "",
        [
            ("autoMLJobName", "''", "Member must have length greater than or equal to 1"),
            ("autoMLJobName", "''", f"{PATTERN} [a-zA-Z0-9](-*[a-zA-Z0-9]){{0,31}}"),
        ],
    ),
    (
        "AutoMLJobInputDataConfig.0.ChannelType",
        "Training",
        [("autoMLJobInputDataConfig.1.member.channelType", "'Training'", f"{ENUM} [validation, training]")],
    ),
    (
        "AutoMLJobInputDataConfig.0.DataSource.S3DataSource",
        {"S3DataType": "S3Prefix"},
        [("autoMLJobInputDataConfig.1.member.dataSource.s3DataSource.s3Uri", "null", "Member must not be null")],
    ),
    (
        "AutoMLJobInputDataConfig",
        [],
        [("autoMLJobInputDataConfig", "'[]'", "Member must have length greater than or equal to 1")],
    ),
    (
        f"{TEXT}.CompletionCriteria",
        {"MaxCandidates": 751, "MaxAutoMLJobRuntimeInSeconds": 0},
        [
            (f"{CRITERIA}.maxCandidates", "'751'", "Member must have value less than or equal to 750"),
            (f"{CRITERIA}.maxAutoMLJobRuntimeInSeconds", "'0'", "Member must have value greater than or equal to 1"),
        ],
    ),
    (
        f"{TEXT}.TextGenerationHyperParameters",
        {"epoch count": ""},
        [
            (f"{TEXT_PATH}.textGenerationHyperParameters", "'{epoch count=}'", f"Map keys {SHORT_32} [a-zA-Z0-9._-]+]"),
            (
                f"{TEXT_PATH}.textGenerationHyperParameters",
                "'{epoch count=}'",
                f"Map value {SHORT_16} [a-zA-Z0-9._-]+]",
            ),
        ],
    ),
    (
        "SecurityConfig.VpcConfig.Subnets",
        ["a b", "c d"],
        [("securityConfig.vpcConfig.subnets", "'[a b, c d]'", f"Member {SHORT_32} [-0-9a-zA-Z]+]")],
    ),
    (
        "AutoMLComputeConfig.EmrServerlessComputeConfig.ExecutionRoleARN",
        "arn:aws:iam::1234:role/role",
        [
            (
                "autoMLComputeConfig.emrServerlessComputeConfig.executionRoleARN",
                "'arn:aws:iam::1234:role/role'",
                rf"{PATTERN} arn:aws[a-z\-]*:iam::\d{{12}}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
            )
        ],
    ),
    (
        "DataSplitConfig.ValidationFraction",
        1.5,
        [("dataSplitConfig.validationFraction", "'1.5'", "Member must have value less than or equal to 1")],
    ),
]


@pytest.mark.parametrize(("path", "value", "told"), WORDS, ids=[path for path, _, _ in WORDS])
def test_each_constraint_is_told_in_its_words(path: str, value: object, told: list[Told]) -> None:
    """Each kind of constraint: AWS's path, AWS's rendering of the value, AWS's phrase."""
    expected = {
        f"Value {printed} at '{where}' failed to satisfy constraint: {phrase}" for where, printed, phrase in told
    }
    assert violations(changed(path, value)) == expected


def series(**members: object) -> dict[str, object]:
    """A request for time series forecasting with further members."""
    return changed("AutoMLProblemTypeConfig", {"TimeSeriesForecastingJobConfig": SERIES | members})


def test_a_full_request_passes_unchanged() -> None:
    """A valid request comes back as it went in, without defaults."""
    assert check("CreateAutoMLJobV2", FULL) == FULL


def test_unknown_members_are_dropped() -> None:
    """AWS ignores what its model does not know, at every depth, whatever it is."""
    request = changed("OutputDataConfig.Extra", {"a": [math.nan, "\ud800"]}) | {"More": 1}
    assert check("CreateAutoMLJobV2", request) == FULL


def test_null_counts_as_absent() -> None:
    """A null member, element or map entry is as if it were not there."""
    request = changed(
        f"{TEXT}.TextGenerationHyperParameters",
        {"epochCount": "5", "learningRate": "0.000001", "batchSize": None},
    )
    request |= {"Tags": [None, *FULL["Tags"]], "AutoMLJobObjective": None}
    request["AutoMLProblemTypeConfig"]["TabularJobConfig"] = None
    expected = {name: value for name, value in FULL.items() if name != "AutoMLJobObjective"}
    assert check("CreateAutoMLJobV2", request) == expected


def test_the_request_itself_is_left_alone() -> None:
    """Checking does not change the caller's value."""
    request = changed("Tags", None) | {"Extra": 1}
    before = copy.deepcopy(request)
    check("CreateAutoMLJobV2", request)
    assert request == before


def test_a_map_with_too_many_entries_is_told_by_its_length() -> None:
    """A map's size is a length."""
    entries = {str(number): "1" for number in range(31)}
    (only,) = violations(changed(f"{TEXT}.TextGenerationHyperParameters", entries))
    assert only.endswith("Member must have length less than or equal to 30")


def test_constraints_inside_a_map_value_bear_the_key_in_their_path() -> None:
    """An entry of a map within a map is found under its key."""
    (only,) = violations(series(Transformations={"Filling": {"price": {"frontfill": "a b"}}}))
    assert "transformations.filling.price.member' failed" in only
    assert "Map value must satisfy constraint: [" in only


def test_a_map_value_of_a_wrong_size_is_told_of_the_map() -> None:
    """The size of a map within a map is a constraint of the outer map's values."""
    (only,) = violations(series(Transformations={"Filling": {"price": {}}}))
    assert "Value '{price={}}' at" in only
    assert only.endswith(
        "Map value must satisfy constraint: [Member must have length less than or equal to 6, "
        "Member must have length greater than or equal to 1]"
    )


def test_documented_limits_beside_the_model_count() -> None:
    """The overlay's limits are as good as the model's."""
    (horizon,) = violations(series(ForecastHorizon=501))
    assert horizon.endswith("Member must have value less than or equal to 500")
    (output,) = violations(changed("OutputDataConfig.S3OutputPath", "s3://b/" + "a" * 506))
    assert output.endswith("Member must have length less than or equal to 512")


def test_length_comes_before_pattern() -> None:
    """Two violations of one member come in the order of SageMaker's own sample."""
    message = str(refused(changed("AutoMLJobName", "_" * 33)).message)
    assert message.index("have length less than") < message.index("regular expression")


def test_members_come_in_the_order_of_the_model() -> None:
    """The order of the violations does not depend on the order in the request."""
    request: object = {"RoleArn": None, "AutoMLJobName": None, "AutoMLProblemTypeConfig": {"TabularJobConfig": {}}}
    message = str(refused(request).message)
    places = [message.index(f"'{name}'") for name in ("autoMLJobName", "outputDataConfig", "roleArn")]
    assert places == sorted(places)


def test_at_most_ten_violations_are_listed_and_counted() -> None:
    """The eleventh violation is neither listed nor counted."""
    assert len(violations(changed("Tags", [{}] * 6))) == 10


def test_a_list_of_structures_is_named_by_class() -> None:
    """A structure in a value prints as its class and a hash."""
    channels = FULL["AutoMLJobInputDataConfig"] * 3
    (only,) = violations(changed("AutoMLJobInputDataConfig", channels))
    assert only.startswith("Value '[com.amazonaws.sagemaker.AutoMLJobChannel@")


def test_a_pattern_must_match_the_whole_value() -> None:
    """A part that matches is not enough, not even before a line end."""
    for name in ("job_1", "job ", "job\n"):
        assert len(violations(changed("AutoMLJobName", name))) == 1


def test_digits_are_ascii_and_letters_are_not() -> None:
    """Java's pattern classes: digits of other scripts are none, letters of other scripts are."""
    assert check("CreateAutoMLJobV2", changed("Tags.0.Value", "標籤"))
    assert violations(changed("RoleArn", ROLE.replace("123456789012", "\u0661" * 12)))
