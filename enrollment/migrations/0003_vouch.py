from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("enrollment", "0002_enrollment_unfinished"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrollment", name="vouch_asked_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="enrollmentcode",
            name="issued_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Vouch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "id_seen",
                    models.CharField(
                        choices=[
                            ("driving_licence", "Driver's license"),
                            ("state_id", "State ID card"),
                            ("passport", "Passport"),
                            ("military_id", "Military ID"),
                            ("other_photo_id", "Another photo ID of a public authority"),
                        ],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=deletion.CASCADE, related_name="vouches", to="enrollment.enrollment"
                    ),
                ),
            ],
        ),
    ]
