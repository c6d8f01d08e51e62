"""The JSON types of a request: what is taken, what is refused, and in which words."""

import math

import pytest

from emulator.validation.constraints import check
from tests.support.full_request import changed, refused, violations

MOST = "AutoMLProblemTypeConfig.TextGenerationJobConfig.CompletionCriteria.MaxCandidates"
MAP = "AutoMLProblemTypeConfig.TextGenerationJobConfig.TextGenerationHyperParameters"
TYPES = [
    ("AutoMLJobName", 1, "NUMBER_VALUE can not be converted to a String"),
    ("AutoMLJobName", 1.5, "NUMBER_VALUE can not be converted to a String"),
    ("AutoMLJobName", True, "TRUE_VALUE can not be converted to a String"),
    ("AutoMLJobName", False, "FALSE_VALUE can not be converted to a String"),
    ("AutoMLJobName", [], "Start of list found where not expected"),
    ("AutoMLJobName", {}, "Start of structure or map found where not expected."),
    ("Tags", "x", "Expected list or null"),
    ("Tags", True, "Expected list or null"),
    ("Tags", {}, "Start of structure or map found where not expected."),
    ("Tags", [1], "Expected null"),
    ("OutputDataConfig", "x", "Expected null"),
    ("OutputDataConfig", 1, "Expected null"),
    ("OutputDataConfig", [], "Start of list found where not expected"),
    (
        MOST,
        "1",
        "STRING_VALUE can not be converted to an Integer",
    ),
    (
        MOST,
        True,
        "TRUE_VALUE can not be converted to an Integer",
    ),
    (
        MAP,
        {"epochCount": 5},
        "NUMBER_VALUE can not be converted to a String",
    ),
    (
        MAP,
        "epochCount",
        "Expected map or null",
    ),
    (
        MAP,
        [],
        "Start of list found where not expected",
    ),
    ("ModelDeployConfig.AutoGenerateEndpointName", 1, "NUMBER_VALUE can not be converted to a Boolean"),
    ("ModelDeployConfig.AutoGenerateEndpointName", "maybe", "STRING_VALUE can not be converted to an Boolean"),
    ("DataSplitConfig.ValidationFraction", "0.2", "STRING_VALUE can not be converted to a Float"),
]


@pytest.mark.parametrize(("path", "value", "message"), TYPES)
def test_a_wrong_json_type_is_told_in_the_words_of_the_reader(path: str, value: object, message: str) -> None:
    """Each pair of a JSON type and a type of the model has its words."""
    error = refused(changed(path, value))
    assert (error.code, error.message) == ("SerializationException", message)


def test_a_wrong_type_of_a_timestamp_is_told_in_its_own_words() -> None:
    """A timestamp is a number of seconds."""
    assert check("ListAutoMLJobs", {"CreationTimeAfter": 1.5}) == {"CreationTimeAfter": 1.5}
    error = refused({"CreationTimeAfter": "2024-01-01"}, "ListAutoMLJobs")
    assert error.message == "STRING_VALUE can not be converted to milliseconds since epoch"


def test_types_are_judged_before_constraints_and_in_the_order_of_the_body() -> None:
    """The first wrong type of the body is the only error, even after broken constraints."""
    error = refused({"AutoMLJobName": "_", "Tags": 1, "RoleArn": 1})
    assert (error.code, error.message) == ("SerializationException", "Expected list or null")


@pytest.mark.parametrize(
    ("body", "message"), [([], "Start of list found where not expected"), (None, None), ("x", None), (1, None)]
)
def test_a_body_that_is_no_object_is_refused(body: object, message: str | None) -> None:
    """Only a list has words of its own."""
    error = refused(body)
    assert (error.code, error.message) == ("SerializationException", message)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"TabularJobConfig": None},
        {"ImageClassificationJobConfig": {}, "TextGenerationJobConfig": {}},
        {"Unknown": {}},
    ],
)
def test_a_union_has_exactly_one_member(config: dict[str, object]) -> None:
    """No problem type, or two, is refused; null and unknown members do not count."""
    error = refused(changed("AutoMLProblemTypeConfig", config))
    assert (error.code, error.message) == (
        "SerializationException",
        "There must be one and only one config in AutoMLProblemTypeConfig.",
    )


@pytest.mark.parametrize(("word", "meaning"), [("true", True), ("Yes", True), ("FALSE", False), ("0", False)])
def test_a_word_for_a_boolean_is_taken(word: str, meaning: bool) -> None:
    """The reader takes the usual words for a boolean."""
    checked = check("CreateAutoMLJobV2", changed("ModelDeployConfig.AutoGenerateEndpointName", word))
    assert checked["ModelDeployConfig"] == {"AutoGenerateEndpointName": meaning}


def test_an_integer_loses_its_fraction() -> None:
    """1.9 where an integer belongs is 1."""
    checked = check("ListAutoMLJobs", {"MaxResults": 1.9})
    assert checked == {"MaxResults": 1}
    assert isinstance(checked["MaxResults"], int)


@pytest.mark.parametrize("number", [2**31, 10**30, 10**400, math.inf])
def test_a_number_beyond_an_integer_breaks_the_upper_limit(number: float) -> None:
    """A number beyond Java's int is judged as the greatest int."""
    (only,) = violations({"MaxResults": number}, "ListAutoMLJobs")
    assert only.startswith("Value '2147483647' at 'maxResults'")
    assert only.endswith("Member must have value less than or equal to 100")


@pytest.mark.parametrize("number", [10**400, -(10**400), math.inf, 1e308, 3.5e38])
def test_a_number_beyond_a_float_is_refused(number: float) -> None:
    """A number that a float of 32 bits cannot hold is no float, whether or not the member has limits."""
    variants = [{"VariantName": "v", "ModelName": "m", "InitialVariantWeight": number}]
    for operation, request in (
        ("CreateAutoMLJobV2", changed("DataSplitConfig.ValidationFraction", number)),
        ("CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": variants}),
    ):
        error = refused(request, operation)
        assert (error.code, error.message) == (
            "SerializationException",
            "NUMBER_VALUE can not be converted to a Float",
        )


@pytest.mark.parametrize(
    ("sent", "held"), [(0.2, 0.2), (0.123456789, 0.12345679), (16777217, 16777216.0), (1e-60, 0.0), (1 - 1e-12, 1.0)]
)
def test_a_float_has_the_digits_that_32_bits_hold(sent: float, held: float) -> None:
    """A Float is what 32 bits hold of a number, told in as few digits as Java's Float.toString has."""
    variants = [{"VariantName": "v", "ModelName": "m", "InitialVariantWeight": sent}]
    checked = check("CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": variants})
    assert checked["ProductionVariants"][0]["InitialVariantWeight"] == held


def test_constraints_of_a_float_judge_what_it_holds() -> None:
    """What a Float cannot tell from a limit is at the limit; what breaks it is repeated as the Float holds it."""
    path = "DataSplitConfig.ValidationFraction"
    assert check("CreateAutoMLJobV2", changed(path, 1 + 1e-12))["DataSplitConfig"]["ValidationFraction"] == 1
    (only,) = violations(changed(path, 1.23456789))
    assert only.startswith("Value '1.2345679' at 'dataSplitConfig.validationFraction'")


def test_the_largest_float_is_taken() -> None:
    """What a float of 32 bits just holds is one."""
    variants = [{"VariantName": "v", "ModelName": "m", "InitialVariantWeight": 3.4028235e38}]
    checked = check("CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": variants})
    assert checked["ProductionVariants"] == variants


@pytest.mark.parametrize("number", [10**400, -(10**400), math.inf, 1e308])
def test_a_timestamp_stays_within_javas_milliseconds(number: float) -> None:
    """No timestamp is so great that it cannot be computed with."""
    (seconds,) = check("ListAutoMLJobs", {"CreationTimeAfter": number}).values()
    assert abs(seconds) <= (2**63 - 1) / 1000


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("DataSplitConfig.ValidationFraction", math.nan),
        ("Tags.0.Value", "\ud800"),
        (MAP, {"\udfff": "1"}),
    ],
)
def test_what_is_no_json_is_a_serialization_exception(path: str, value: object) -> None:
    """NaN and lone surrogates, which Python's json lets through, are refused."""
    error = refused(changed(path, value))
    assert (error.code, error.message) == ("SerializationException", None)
