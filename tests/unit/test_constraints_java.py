"""How values are printed in messages: as the Java service prints them."""

import pytest

from emulator.validation import java

TRAINING_INSTANCES = [
    "ml.m4.xlarge",
    "ml.m4.2xlarge",
    "ml.m4.4xlarge",
    "ml.m4.10xlarge",
    "ml.m4.16xlarge",
    "ml.m5.large",
    "ml.m5.xlarge",
    "ml.m5.2xlarge",
    "ml.m5.4xlarge",
    "ml.m5.12xlarge",
    "ml.m5.24xlarge",
    "ml.c4.xlarge",
    "ml.c4.2xlarge",
    "ml.c4.4xlarge",
    "ml.c4.8xlarge",
    "ml.p2.xlarge",
    "ml.p2.8xlarge",
    "ml.p2.16xlarge",
    "ml.p3.2xlarge",
    "ml.p3.8xlarge",
    "ml.p3.16xlarge",
    "ml.c5.xlarge",
    "ml.c5.2xlarge",
    "ml.c5.4xlarge",
    "ml.c5.9xlarge",
    "ml.c5.18xlarge",
]
TRAINING_INSTANCES_PRINTED = (
    "ml.p2.xlarge, ml.m5.4xlarge, ml.m4.16xlarge, ml.p3.16xlarge, ml.m5.large, ml.p2.16xlarge, ml.c4.2xlarge, "
    "ml.c5.2xlarge, ml.c4.4xlarge, ml.c5.4xlarge, ml.c4.8xlarge, ml.c5.9xlarge, ml.c5.xlarge, ml.c4.xlarge, "
    "ml.c5.18xlarge, ml.p3.2xlarge, ml.m5.xlarge, ml.m4.10xlarge, ml.m5.12xlarge, ml.m4.xlarge, "
    "ml.m5.24xlarge, ml.m4.2xlarge, ml.p2.8xlarge, ml.m5.2xlarge, ml.p3.8xlarge, ml.m4.4xlarge"
)
COMPARISONS = [
    "EQ",
    "NE",
    "IN",
    "LE",
    "LT",
    "GE",
    "GT",
    "BETWEEN",
    "NOT_NULL",
    "NULL",
    "CONTAINS",
    "NOT_CONTAINS",
    "BEGINS_WITH",
]
STRING = {"type": "string"}
STRINGS = {"type": "object", "additionalProperties": STRING}


@pytest.mark.parametrize(
    ("declared", "printed"),
    [
        (["Pipe", "File", "FastFile"], "Pipe, FastFile, File"),
        (
            TRAINING_INSTANCES,
            TRAINING_INSTANCES_PRINTED,
        ),
        (
            COMPARISONS,
            "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS",
        ),
    ],
    ids=["CreateTrainingJob 2025", "CreateTrainingJob 2018", "DynamoDB"],
)
def test_an_enum_prints_in_the_order_of_the_service(declared: list[str], printed: str) -> None:
    """The order of the set is that of messages saved from the real services."""
    assert java.enum_set(declared) == printed


def test_a_map_prints_in_the_order_of_a_java_hash_map() -> None:
    """The order of the keys is that of a message saved from CreateTrainingJob."""
    printed = [
        "colsample_bytree",
        "lambda",
        "eta",
        "tree_method",
        "alpha",
        "num_round",
        "subsample",
        "monotone_constraints",
    ]
    entries = dict.fromkeys(sorted(printed), "1")
    assert java.text(entries, STRINGS) == f"{{{', '.join(f'{key}=1' for key in printed)}}}"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (True, "true"),
        (0.2, "0.2"),
        (1.0, "1.0"),
        (1e-4, "1.0E-4"),
        (1.5e9, "1.5E9"),
        (1.23456789e-5, "1.23456789E-5"),
        (float("-inf"), "-Infinity"),
        (-7, "-7"),
        ("a b", "a b"),
    ],
)
def test_a_scalar_prints_as_in_java(value: object, printed: str) -> None:
    """Numbers, booleans and strings print as Java's toString gives them."""
    assert java.text(value, STRING) == printed


def test_a_list_prints_in_brackets() -> None:
    """A list prints its elements, empty ones too."""
    schema = {"type": "array", "items": STRING}
    assert java.text(["a", "b"], schema) == "[a, b]"
    assert java.text([], schema) == "[]"
