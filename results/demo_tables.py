"""The made-up results of the demo: prediabetes found in time, treated, and going well; a mild anemia in between.

Values fit each other as a laboratory's do: LDL is the total less HDL and a fifth of the triglycerides, hematocrit some
three times the hemoglobin, mean cell volume hematocrit × 10 / red cells, glucose somewhat below what HbA1c stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Test:
    """What a laboratory measures: LOINC code, name, unit, and the reference range ("" for an open end)."""

    code: str
    name: str
    unit: str = ""
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Panel:
    """Tests that are reported together; `rows`: days ago, and the values in the order of the tests.

    `notes` by days ago: the conclusion of that report.
    """

    code: str
    name: str
    tests: tuple[Test, ...]
    rows: dict[int, tuple[str, ...]]
    notes: dict[int, str] = field(default_factory=dict)
    patient_only: bool = False


HEMOGLOBIN = Test("718-7", "Hemoglobin", "g/dL", "12.0", "15.5")
BLOOD_COUNT = (
    Test("6690-2", "White blood cells", "10*3/uL", "4.0", "11.0"),
    Test("789-8", "Red blood cells", "10*6/uL", "3.80", "5.10"),
    HEMOGLOBIN,
    Test("4544-3", "Hematocrit", "%", "36.0", "46.0"),
    Test("787-2", "Mean cell volume", "fL", "80.0", "100.0"),
    Test("777-3", "Platelets", "10*3/uL", "150", "400"),
)
CHILDS_COUNT = (
    Test("6690-2", "White blood cells", "10*3/uL", "4.5", "13.5"),
    Test("789-8", "Red blood cells", "10*6/uL", "4.00", "5.20"),
    Test("718-7", "Hemoglobin", "g/dL", "11.5", "15.5"),
    Test("4544-3", "Hematocrit", "%", "35.0", "45.0"),
    Test("787-2", "Mean cell volume", "fL", "77.0", "95.0"),
    Test("777-3", "Platelets", "10*3/uL", "150", "450"),
)

HBA1C = Panel(
    "4548-4",
    "Hemoglobin A1c",
    (Test("4548-4", "Hemoglobin A1c", "%", "4.0", "5.6"), Test("1558-6", "Glucose, fasting", "mg/dL", "70", "99")),
    {
        1855: ("5.4", "92"), 1490: ("5.6", "97"), 1301: ("5.8", "104"), 1120: ("6.1", "112"), 938: ("6.4", "121"),
        756: ("6.0", "108"), 574: ("5.8", "103"), 392: ("5.7", "101"), 203: ("5.6", "98"), 12: ("5.5", "95"),
    },
    {
        1120: "In the range of prediabetes. Repeat in six months; advice on food and exercise was given.",
        938: "In the range of prediabetes, close to diabetes. Treatment was started.",
        12: "Within the range since six months. Go on as before; repeat in six months.",
    },
)  # fmt: skip
LIPIDS = Panel(
    "57698-3",
    "Lipid panel",
    (
        Test("2093-3", "Cholesterol, total", "mg/dL", "", "199"),
        Test("2085-9", "HDL cholesterol", "mg/dL", "50", ""),
        Test("13457-7", "LDL cholesterol, calculated", "mg/dL", "", "99"),
        Test("2571-8", "Triglycerides", "mg/dL", "", "149"),
    ),
    {
        1855: ("188", "52", "112", "120"), 1490: ("201", "49", "123", "145"), 1120: ("224", "45", "143", "178"),
        938: ("231", "43", "150", "190"), 574: ("176", "49", "99", "138"), 203: ("168", "54", "92", "110"),
    },
)  # fmt: skip
COUNT = Panel(
    "58410-2",
    "Complete blood count",
    BLOOD_COUNT,
    {
        1855: ("6.4", "4.40", "13.2", "39.5", "89.8", "245"), 1490: ("6.9", "4.35", "12.9", "38.6", "88.7", "251"),
        1120: ("7.1", "4.22", "11.6", "34.9", "82.7", "312"), 938: ("6.2", "4.33", "12.4", "37.2", "85.9", "268"),
        392: ("6.6", "4.41", "13.0", "39.0", "88.4", "250"), 203: ("6.3", "4.45", "13.3", "39.8", "89.4", "247"),
    },
    {1120: "Mild anemia. Iron was recommended; repeat in six months."},
)  # fmt: skip
METABOLIC = Panel(
    "24323-8",
    "Comprehensive metabolic panel",
    (
        Test("2951-2", "Sodium", "mmol/L", "136", "145"),
        Test("2823-3", "Potassium", "mmol/L", "3.5", "5.1"),
        Test("2075-0", "Chloride", "mmol/L", "98", "107"),
        Test("2028-9", "Carbon dioxide", "mmol/L", "22", "29"),
        Test("3094-0", "Urea nitrogen", "mg/dL", "7", "20"),
        Test("2160-0", "Creatinine", "mg/dL", "0.50", "1.10"),
        Test("98979-8", "eGFR", "mL/min/1.73 m2", "60", ""),
        Test("17861-6", "Calcium", "mg/dL", "8.6", "10.2"),
        Test("1742-6", "ALT", "U/L", "7", "35"),
        Test("1920-8", "AST", "U/L", "10", "35"),
        Test("1975-2", "Bilirubin, total", "mg/dL", "0.2", "1.2"),
    ),
    {
        1490: ("140", "4.2", "103", "25", "13", "0.74", "104", "9.4", "22", "20", "0.5"),
        938: ("139", "4.4", "102", "24", "14", "0.78", "98", "9.3", "41", "33", "0.6"),
        392: ("141", "4.1", "104", "26", "12", "0.75", "102", "9.5", "27", "23", "0.5"),
    },
)
THYROID = Panel("3016-3", "Thyroid-stimulating hormone", (Test("3016-3", "TSH", "mIU/L", "0.40", "4.50"),),
                {2: ("2.10",)})  # fmt: skip
GRACES_COUNT = Panel("58410-2", "Complete blood count", BLOOD_COUNT,
                     {9: ("5.8", "4.51", "13.6", "40.7", "90.2", "231")})  # fmt: skip
LEAD = Panel("5671-3", "Lead, blood", (Test("5671-3", "Lead", "ug/dL", "", "3.4"),),
             {1300: ("1.9",), 935: ("1.2",), 20: ("<1.0",)})  # fmt: skip
AVAS_COUNT = Panel(
    "58410-2",
    "Complete blood count",
    CHILDS_COUNT,
    {935: ("8.9", "4.51", "11.2", "34.4", "76.3", "388"), 20: ("7.4", "4.63", "12.6", "37.5", "81.0", "342")},
    {935: "Slightly low, common at this age. More food with iron; repeat at the next check-up."},
)
STREP = Panel("78012-2", "Rapid strep test", (Test("78012-2", "Streptococcus A, throat"),),
              {164: ("Not detected",)})  # fmt: skip
FERRITIN = Panel("2276-4", "Ferritin", (Test("2276-4", "Ferritin", "ng/mL", "15", "150"),),
                 {210: ("11",), 33: ("28",)})  # fmt: skip
CONFIDENTIAL = Panel("43304-5", "Chlamydia test", (Test("43304-5", "Chlamydia trachomatis, NAA"),),
                     {33: ("Not detected",)}, patient_only=True)  # fmt: skip
