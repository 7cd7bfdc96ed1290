"""Lab results: imported, released, seen."""

from django.apps import AppConfig


class ResultsConfig(AppConfig):
    """Results of a patient record, from FHIR R4 DiagnosticReports."""

    name = "results"

    def ready(self) -> None:
        from results import activity

        activity.add()
